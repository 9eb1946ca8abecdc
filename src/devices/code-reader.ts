/** Bytes of a port to cleaned texts: framing, decoding and cleaning in one. */
import { cleanText } from './clean.ts'
import { decodeText, type Encoding } from './decode-text.ts'
import { createCuts } from './cuts.ts'
import { createFramer, PATIENCE, systemTimers, type Framer, type Timers } from './framer.ts'
import { DeviceError } from './scanner.ts'

export type ReadingOptions = {
  /** `auto` (default): CR, LF, CRLF or ETX; `none`: the idle gap alone; else these characters. */
  readonly terminator?: string
  /** Silence that ends a code without a terminator, ms. Default 50. */
  readonly idleMs?: number
  readonly encoding?: Encoding
  readonly prefix?: string
  readonly suffix?: string
  /** The longest code, bytes. Default 4096. */
  readonly maxBytes?: number
  /** Whether the site's own settings take a text for a code: such a one is not waited for. */
  readonly isCode?: ((text: string) => boolean) | undefined
  readonly timers?: Timers
}

export type CodeReaderEvents = {
  text(reading: { readonly text: string; readonly aim?: string; readonly at: number }): void
  /** What came was no code (DEVICE_OVERFLOW, DEVICE_GARBLED) or a part of one (DEVICE_CUT); reading goes on. */
  fault(fault: DeviceError): void
}

/** Reads codes out of a stream of bytes; the same for a real port, a played one and the tests. */
export function createCodeReader(options: ReadingOptions, events: CodeReaderEvents): Framer {
  const { idleMs = 50, timers = systemTimers, isCode } = options
  const cuts = createCuts({ idleMs, patientMs: idleMs * PATIENCE, noTerminator: options.terminator === 'none', isCode, timers })
  const suffix = Buffer.from(options.suffix ?? '')
  /** A tab, or the suffix of the settings, says where the end is as a terminator does. */
  const isEnded = (bytes: Uint8Array): boolean =>
    bytes.at(-1) === TAB || (suffix.length > 0 && Buffer.from(bytes.subarray(-suffix.length)).equals(suffix))
  /** Where a code begins anew after a pause: what stood before it was a half of another, and its rest never came. */
  const startOfCode = (bytes: Uint8Array, gaps: readonly number[]): number => {
    const isCode = (from: number) => cuts.looksWhole(readCode(bytes.subarray(from), options)?.text ?? '')
    return gaps.length === 0 || isCode(0) ? 0 : (gaps.find(isCode) ?? 0)
  }
  const framer = createFramer({
    ...options,
    pauseAfter: (bytes) => (isEnded(bytes) ? idleMs : cuts.pauseAfter(readCode(bytes, options)?.text ?? '')),
    frame({ bytes: all, at, endedBy, gaps }) {
      const from = startOfCode(all, gaps)
      const bytes = all.subarray(from)
      const reading = readCode(bytes, options)
      if (from > 0) events.fault(new DeviceError('DEVICE_CUT', `${from} bytes`))
      if (reading === undefined) return events.fault(new DeviceError('DEVICE_GARBLED', `${bytes.length} bytes`))
      if (reading.text === '') return
      const terminated = endedBy === 'terminator' || isEnded(bytes)
      if (cuts.isPart(reading.text, { terminated, at })) events.fault(new DeviceError('DEVICE_CUT', `${bytes.length} bytes`))
      else events.text({ ...reading, at })
    },
    overflow: () => events.fault(new DeviceError('DEVICE_OVERFLOW')),
  })
  return {
    ...framer,
    reset() {
      framer.reset()
      cuts.reset()
    },
  }
}

/** The encodings that ECI numbers name: 29 GB 2312, 31 GBK, 32 GB 18030, each of which the next one holds. */
const ECI_ENCODINGS: Readonly<Record<string, Encoding>> = { '000026': 'utf8', '000029': 'gbk', '000031': 'gbk', '000032': 'gbk' }

/** The bytes of one code as a cleaned text; undefined where they are no code. An ECI indicator decides between encodings where the settings do not. */
export function readCode(
  bytes: Uint8Array,
  options: Pick<ReadingOptions, 'encoding' | 'prefix' | 'suffix'>,
): { readonly text: string; readonly aim?: string } | undefined {
  const decoded = decodeText(bytes, options.encoding)
  if (isGarbled(decoded.text)) return undefined
  const { eci, ...reading } = cleanText(decoded.text, options)
  const named = ECI_ENCODINGS[eci ?? '']
  if (named === undefined || named === decoded.encoding || (options.encoding ?? 'auto') !== 'auto') return reading
  const { eci: _same, ...asNamed } = cleanText(decodeText(bytes, named).text, options)
  // Some scanners pass the indicator on and the text in another encoding.
  return asNamed.text.includes('\ufffd') ? reading : asNamed
}

const TAB = 0x09
const EDGES = /^[\u0000-\u0020]+|(?<![\u0000-\u0020\u007f])[\u0000-\u0020\u007f]+$/g
/** So many control characters may stand about a code, or come alone: STX, ETX, an acknowledgement. */
const STRAY = 3
// NUL pads, the separators stand in GS1 and licence codes, tab and ESC in set-ups: none of them is noise.
const NOISE = /[\u0001-\u0008\u000b-\u001a\u007f-\u009f]/g

/** A wrong baud rate or a loose cable gives bytes that are no character, or mostly control characters. */
function isGarbled(text: string): boolean {
  if (text.includes('\ufffd')) return true
  const inner = text.replace(EDGES, '')
  if (inner === '') return (text.match(NOISE)?.length ?? 0) > STRAY
  return (inner.match(NOISE)?.length ?? 0) * 4 > inner.length
}
