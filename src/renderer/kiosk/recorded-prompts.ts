/** Addresses of the recordings that come with the kiosk; a part of its own, loaded where they are needed. */
import type { Language } from './speech.ts'

// The licence of the recordings goes wherever they go.
const FILES = import.meta.glob<string>(['../../../resources/voice/*/*.ogg', '../../../resources/voice/README.md'], { query: '?url', import: 'default', eager: true })

export function recordedPrompt(language: Language, name: string): string | undefined {
  return FILES[`../../../resources/voice/${language}/${name}.ogg`]
}
