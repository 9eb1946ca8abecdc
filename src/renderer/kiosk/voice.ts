/** How the kiosk speaks: the hospital's own recordings first, else a voice of this machine, else the recordings that come with it. */
import type { Client } from '../api/client.ts'
import type { KioskInfo } from '../api/screen-types.ts'
import { kioskEn } from '../messages/kiosk-en.ts'
import { kioskZhCn } from '../messages/kiosk-zh-cn.ts'
import { namesOf } from './prompts.ts'
import { createRecordings } from './recordings.ts'
import { createSpeech, type Language } from './speech.ts'

export type Voice = ReturnType<typeof createVoice>

export type Saying = {
  language: Language
  /** 1 is the voice's own. */
  rate: number
  /** A tone that comes first. */
  after?: Promise<void>
  /** What recordings say instead, where the words hold what nobody can have recorded. */
  recorded?: readonly string[]
}

const NAMES: Record<Language, ReadonlyMap<string, string>> = { zh: namesOf(kioskZhCn), en: namesOf(kioskEn) }

/** `info` tells the volume and the hospital's recordings, null until they are known. */
export function createVoice(client: Pick<Client, 'recording'>, info: () => Pick<KioskInfo, 'volume' | 'recordings'> | null) {
  const speech = createSpeech()
  const recordings = createRecordings()
  /** Fetched once: addresses in memory of the hospital's own. */
  const own = new Map<string, Promise<string>>()
  let turn = 0

  function ownRecording(language: Language, name: string): Promise<string> {
    const key = `${language}/${name}`
    const known = own.get(key) ?? client.recording(language, name).then((blob) => URL.createObjectURL(blob))
    own.set(key, known)
    known.catch(() => own.delete(key))
    return known
  }

  async function bundled(language: Language, names: readonly string[]): Promise<string[]> {
    const { recordedPrompt } = await import('./recorded-prompts.ts')
    return names.flatMap((name) => recordedPrompt(language, name) ?? [])
  }

  function stop(): void {
    turn++
    speech.stop()
    recordings.stop()
  }

  return {
    /** Says it instead of whatever is being said. */
    say(parts: readonly string[], { language, rate, after = Promise.resolve(), recorded = parts }: Saying): void {
      stop()
      const mine = turn
      const volume = info()?.volume ?? 1
      const names = recorded.flatMap((text) => NAMES[language].get(text) ?? [])
      const theirs = info()?.recordings[language] ?? {}
      if (names.length > 0 && names.length === recorded.length && names.every((name) => Object.hasOwn(theirs, name))) {
        void recordings.play(Promise.all(names.map((name) => ownRecording(language, name))), { volume, rate, after })
      } else if (speech.speaks(language)) {
        void after.then(() => mine === turn && speech.say(parts.join('。'), language, { rate, volume }))
      } else {
        void recordings.play(bundled(language, names), { volume, rate, after })
      }
    },
    stop,
    close(): void {
      stop()
      speech.close()
      for (const address of own.values()) void address.then(URL.revokeObjectURL, () => undefined)
    },
  }
}
