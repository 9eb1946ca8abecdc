/** What a page's audio elements really did: each one's file, and whether it moved and came to its end. */
import type { Page } from 'playwright-core'

export type Heard = { file: string; volume: number; rate: number; moved: boolean; ended: boolean; stopped: boolean }

/** Before the page is opened; tells every play so far, and how many voices ever sounded at once. */
export async function listenToAudio(page: Page): Promise<() => Promise<{ plays: Heard[]; mostVoices: number }>> {
  await page.addInitScript(() => {
    const heard: Heard[] = []
    let sounding = 0
    const kept = { plays: heard, mostVoices: 0 }
    Object.assign(window, { heardAudio: kept })
    const play = HTMLMediaElement.prototype.play
    /** One element sounds once: a new file silences its last, without an event. */
    const endings = new WeakMap<HTMLMediaElement, () => void>()
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      // The camera's picture has no sound.
      if (this instanceof HTMLVideoElement) return play.call(this)
      const file = decodeURI(this.src.split('/').at(-1) ?? '')
      const one: Heard = { file, volume: this.volume, rate: this.playbackRate, moved: false, ended: false, stopped: false }
      heard.push(one)
      const voice = !file.includes('.wav')
      const over = new AbortController()
      const end = () => {
        if (over.signal.aborted) return
        over.abort()
        if (voice && one.moved) sounding--
      }
      const { signal } = over
      endings.get(this)?.()
      endings.set(this, end)
      this.addEventListener('timeupdate', () => {
        if (one.moved || this.currentTime === 0) return
        one.moved = true
        if (voice) kept.mostVoices = Math.max(kept.mostVoices, ++sounding)
      }, { signal })
      this.addEventListener('ended', () => ((one.ended = true), end()), { signal })
      // A pause comes before the end as well.
      this.addEventListener('pause', () => this.ended || ((one.stopped = true), end()), { signal })
      return play.call(this)
    }
  })
  return () => page.evaluate(() => (window as unknown as { heardAudio: { plays: Heard[]; mostVoices: number } }).heardAudio)
}
