/** Spoken prompts by a voice of this machine; a voice of the network would send words out, so none is used. */
import { shallowRef } from 'vue'

export type Language = 'zh' | 'en'

const WANTED: Record<Language, readonly RegExp[]> = {
  // Mandarin first; Cantonese would say other words.
  zh: [/^(zh[-_](Hans[-_])?CN|cmn)/i, /^zh$/i, /^zh[-_](SG|TW|Hant)/i],
  en: [/^en/i],
}

/** Voices may turn up late. */
export function createSpeech(synthesis: SpeechSynthesis | undefined = window.speechSynthesis) {
  const voices = shallowRef<readonly SpeechSynthesisVoice[]>([])
  const load = () => (voices.value = (synthesis?.getVoices() ?? []).filter(({ localService }) => localService))
  load()
  synthesis?.addEventListener('voiceschanged', load)

  function voiceOf(language: Language): SpeechSynthesisVoice | undefined {
    for (const pattern of WANTED[language]) {
      const found = voices.value.find(({ lang }) => pattern.test(lang))
      if (found) return found
    }
    return undefined
  }

  return {
    /** Whether a voice of this machine speaks it. */
    speaks: (language: Language): boolean => synthesis !== undefined && voiceOf(language) !== undefined,
    /** Says it instead of whatever is being said; `rate` 1 is the voice's own, `volume` 1 the loudest. */
    say(text: string, language: Language, { rate, volume }: { rate: number; volume: number }): void {
      const voice = voiceOf(language)
      if (!voice || !synthesis) return
      synthesis.cancel()
      const words = new SpeechSynthesisUtterance(text)
      words.voice = voice
      words.lang = voice.lang
      words.rate = rate
      words.volume = volume
      synthesis.speak(words)
    },
    stop: () => synthesis?.cancel(),
    close(): void {
      synthesis?.cancel()
      synthesis?.removeEventListener('voiceschanged', load)
    },
  }
}
