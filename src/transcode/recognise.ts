/** text -> Code: the first format in the list that takes it. */
import { z } from 'zod'
import { maskCode, personal } from '../devices/scan.ts'
import type { RecognitionOptions } from './codes/code-definition.ts'
import { CODES } from './codes/index.ts'
import type { Code } from './platforms/platform.ts'
import { compileSitePattern, sitePatternFault } from './site-pattern.ts'

/** Longest text that is looked at, characters; a scanner's own limit is 4 KB. */
const MAX_TEXT = 4096

type PatternSetting = NonNullable<(typeof CODES)[number]['pattern']>['setting']
type PatternField = z.ZodDefault<z.ZodString>

/**
 * The section `recognition` of the settings: one pattern a format that has any;
 * '' is off. A pattern covers the whole text, with or without ^ and $; at most
 * 200 characters, without references back and look-around, and without
 * repetitions that could make it slow.
 */
export const recognitionSettings = z.strictObject(patternFields())

export type RecognitionSettings = z.infer<typeof recognitionSettings>

/** `recognition` of the settings with what 粤健通's section adds: the link that its codes are appended to. */
export type RecogniserOptions = Partial<RecognitionSettings> & { yuejiantongEntryUrl?: string | undefined }

/** Makes a recogniser with its patterns compiled once; settings left out have their defaults. Throws on a pattern that the settings would refuse. */
export function createRecogniser(options: RecogniserOptions = {}): (text: string) => Code {
  const compiled = recognitionOptions(options)
  return (text) => recognise(text, compiled)
}

/** Settings -> what the formats look at. */
export function recognitionOptions({ yuejiantongEntryUrl, ...settings }: RecogniserOptions = {}): RecognitionOptions {
  const sources = recognitionSettings.strip().parse(settings)
  const matches = Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, compileSitePattern(source)]))
  return yuejiantongEntryUrl === undefined ? { matches } : { matches, yuejiantongEntryUrl: new URL(yuejiantongEntryUrl) }
}

/** Whether a platform takes a code of this format once only. */
export function isOneTime(format: Code['format']): boolean {
  return CODES.some((definition) => definition.format === format && definition.oneTime === true)
}

/** Finds a text's format; `unknown` takes what nothing else does. Whatever a scanner left around the text is cut off. */
export function recognise(text: string, options: RecognitionOptions): Code {
  if (text.length > MAX_TEXT) return codeOf('unknown', '')
  const clean = withoutScannerMarks(text)
  const definition = CODES.find((candidate) => candidate.recognise(clean, options))
  return codeOf(definition?.format ?? 'unknown', definition?.normalise?.(clean) ?? clean)
}

function codeOf(format: Code['format'], text: string): Code {
  return personal({ format, text }, `${format} ${maskCode(text)}`)
}

/**
 * Control characters and spaces at both ends, an AIM identifier in front, and
 * marks that nobody sees (zero width, direction) wherever they stand.
 */
function withoutScannerMarks(text: string): string {
  const seen = withoutEnds(text.replace(/\p{Cf}/gu, ''))
  const bare = seen.replace(/^\][A-Za-z][0-9A-Za-z](?=.)/s, '')
  return bare === seen ? seen : withoutEnds(bare)
}

function withoutEnds(text: string): string {
  const isMark = (at: number) => /[\s\p{Cc}]/u.test(text.charAt(at))
  let start = 0
  let end = text.length
  while (start < end && isMark(start)) start += 1
  while (end > start && isMark(end - 1)) end -= 1
  return text.slice(start, end)
}

function patternFields(): Record<PatternSetting, PatternField> {
  const fields = CODES.flatMap(({ label, pattern }) => (pattern ? [[pattern.setting, patternField(pattern.default, label)] as const] : []))
  return Object.fromEntries(fields) as Record<PatternSetting, PatternField>
}

function patternField(source: string, label: string): PatternField {
  return z
    .string()
    .superRefine((value, context) => {
      const fault = sitePatternFault(value)
      if (fault !== null) context.addIssue({ code: 'custom', message: fault })
    })
    .default(source)
    .describe(`${label}的样子：正则表达式，须与整个码相符，如 ^ZY\\d{10}$；空为不识别`)
}
