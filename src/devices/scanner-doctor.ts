/** What one scan of the test sheet says about a scanner: how it talks, what it loses, what to change. */
import { decodeText } from './decode-text.ts'
import type { ScannerMode } from './known-scanners.ts'
import { alignTexts } from './doctor/align-texts.ts'
import { adviseOn } from './doctor/advise-on.ts'

/** What the test sheet holds: both cases, every character of the platforms' codes, and Chinese. */
export const TEST_SHEET_TEXT = 'MaQiao://AaBbYyZz.09?x=1&y=%2F#-_+;:测试码桥'

/** Some bytes as they came (for a keyboard: the characters of one key as UTF-8), with their time in ms. */
export type TimedChunk = { readonly bytes: Uint8Array; readonly at: number }

export type ScanExamination = {
  readonly mode: ScannerMode
  readonly characters: number
  /** From the first byte to the last, ms. */
  readonly durationMs: number
  readonly msPerCharacter: number
  /** The longest silence within the code, ms: `idleMs` must be above it. */
  readonly longestGapMs: number
  readonly terminator: 'CR' | 'LF' | 'CRLF' | 'ETX' | 'TAB' | 'none'
  /** What stands before the code beside the identifier, control characters included. */
  readonly prefix: string
  readonly suffix: string
  readonly aim?: string
  readonly encoding: 'utf8' | 'gbk'
  /** The code came whole, whatever stands around it. */
  readonly intact: boolean
  /** Characters of the sheet that did not arrive, in their order. */
  readonly lost: readonly string[]
  /** Upper case came as lower case and the other way round: CapsLock, or a setting of the scanner. */
  readonly caseInverted: boolean
  /** Settings that this scanner needs and the defaults do not give. */
  readonly settings: { readonly prefix?: string; readonly suffix?: string; readonly terminator?: string; readonly idleMs?: number }
  /** For the technician, in Chinese, the most useful first. */
  readonly advice: readonly string[]
  /** What one scan of a 130-character code would gain by the advice, s. */
  readonly secondsSaved: number
}

export type ScanToExamine = {
  readonly mode: ScannerMode
  readonly chunks: readonly TimedChunk[]
  /** The text of the sheet. Default `TEST_SHEET_TEXT`. */
  readonly expected?: string
  /** The maker whose set-up sheet fits, where the model tells; the advice names it. */
  readonly setupSheet?: string
}

const ENDINGS = [
  ['\r\n', 'CRLF'],
  ['\r', 'CR'],
  ['\n', 'LF'],
  ['\u0003', 'ETX'],
  ['\t', 'TAB'],
] as const
const AIM = /\][A-Za-z][0-9A-Za-z]/
/** Framing finds these by itself. */
const FOUND_BY_ITSELF = new Set(['CR', 'LF', 'CRLF', 'ETX', 'none'])
const DEFAULT_IDLE_MS = 50

/** Examines one scan; undefined where nothing came at all. */
export function examineScan({ mode, chunks, expected = TEST_SHEET_TEXT, setupSheet }: ScanToExamine): ScanExamination | undefined {
  const first = chunks[0]
  const last = chunks.at(-1)
  if (!first || !last) return undefined
  const { text: whole, encoding } = decodeText(Buffer.concat(chunks.map(({ bytes }) => bytes)))
  const [ending, terminator] = ENDINGS.find(([characters]) => whole.endsWith(characters)) ?? (['', 'none'] as const)
  const text = whole.slice(0, whole.length - ending.length)

  const around = alignTexts(text, expected)
  const aim = AIM.exec(around.before)?.[0]
  const prefix = withoutStx(around.before.replace(aim ?? '', ''))
  const suffix = around.after
  const characters = [...text].length
  const durationMs = last.at - first.at
  const longestGapMs = Math.max(0, ...chunks.slice(1).map((chunk, index) => chunk.at - chunks[index]!.at))
  const findings = {
    mode,
    characters,
    durationMs,
    msPerCharacter: durationMs / Math.max(1, [...whole].length - 1),
    longestGapMs,
    terminator,
    prefix,
    suffix,
    ...(aim !== undefined && { aim }),
    encoding,
    intact: around.lost.length === 0 && !around.caseInverted,
    lost: around.lost,
    caseInverted: around.caseInverted,
    settings: {
      ...(prefix !== '' && { prefix }),
      ...(suffix !== '' && { suffix }),
      ...(!FOUND_BY_ITSELF.has(terminator) && { terminator: ending }),
      ...(longestGapMs >= DEFAULT_IDLE_MS && { idleMs: Math.ceil(longestGapMs * 1.5) }),
    },
  }
  return { ...findings, ...adviseOn({ ...findings, ...(setupSheet !== undefined && { setupSheet }) }) }
}

/** A code begins anew at STX, so nobody needs to take it off. */
function withoutStx(prefix: string): string {
  return prefix.replaceAll('\u0002', '')
}
