/** Puts voices into a page that has none and writes down what they say. */
import type { Page } from 'playwright-core'

export type Said = { text: string; voice: string; rate: number }

/** Before the page is opened; the returned function tells what was said so far. */
export async function listenToVoice(page: Page, voices: { lang: string; name: string; localService: boolean }[]): Promise<() => Promise<Said[]>> {
  await page.addInitScript((offered) => {
    const said: Said[] = []
    Object.assign(window, { said })
    class Words {
      voice: { name: string } | null = null
      lang = ''
      rate = 1
      readonly text: string
      constructor(text: string) {
        this.text = text
      }
    }
    Object.assign(window, { SpeechSynthesisUtterance: Words })
    const synthesis = Object.assign(new EventTarget(), {
      getVoices: () => offered,
      cancel() {},
      speak: ({ text, voice, rate }: Words) => said.push({ text, voice: voice?.name ?? 'none', rate }),
    })
    Object.defineProperty(window, 'speechSynthesis', { value: synthesis })
  }, voices)
  return () => page.evaluate(() => (window as unknown as { said: Said[] }).said)
}
