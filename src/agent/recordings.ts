/** A hospital's own recordings of the kiosk's prompts: which there are, and their bytes. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const LANGUAGES = ['zh', 'en'] as const
export type RecordingLanguage = (typeof LANGUAGES)[number]
export type Recordings = Record<RecordingLanguage, Record<string, string>>

/** Endings of names that a browser plays, with their media types. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  m4a: 'audio/mp4',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
}
const FILE = /^([A-Za-z0-9][A-Za-z0-9.-]*)\.([a-z0-9]+)$/

/** Prompt -> file, of each language; a folder that is missing has none. */
export function listRecordings(directory: string | undefined): Recordings {
  return { zh: recordingsIn(directory, 'zh'), en: recordingsIn(directory, 'en') }
}

/** undefined where there is no such recording. */
export function readRecording(directory: string | undefined, language: RecordingLanguage, prompt: string): { file: string; mediaType: string; bytes: Uint8Array } | undefined {
  const all = recordingsIn(directory, language)
  const file = Object.hasOwn(all, prompt) ? all[prompt] : undefined
  if (directory === undefined || file === undefined) return undefined
  const mediaType = MEDIA_TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
  return { file, mediaType, bytes: readFileSync(join(directory, language, file)) }
}

function recordingsIn(directory: string | undefined, language: RecordingLanguage): Record<string, string> {
  if (directory === undefined) return {}
  const files = namesIn(join(directory, language)).map((file) => [FILE.exec(file), file] as const)
  return Object.fromEntries(files.flatMap(([match, file]) => (match?.[1] && Object.hasOwn(MEDIA_TYPES, match[2]!) ? [[match[1], file]] : [])))
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
