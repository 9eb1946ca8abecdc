/** Bytes of a port to cleaned texts: framing, decoding and cleaning in one. */
import { cleanText } from './clean.ts'
import { decodeText, type Encoding } from './decode-text.ts'
import { createFramer, type Framer, type Timers } from './framer.ts'
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
  readonly timers?: Timers
}

export type CodeReaderEvents = {
  text(reading: { readonly text: string; readonly aim?: string; readonly at: number }): void
  /** What came was no code (DEVICE_OVERFLOW, DEVICE_GARBLED); reading goes on. */
  fault(fault: DeviceError): void
}

/** Reads codes out of a stream of bytes; the same for a real port, a played one and the tests. */
export function createCodeReader(options: ReadingOptions, events: CodeReaderEvents): Framer {
  return createFramer({
    ...options,
    frame({ bytes, at }) {
      const reading = readCode(bytes, options)
      if (reading === undefined) events.fault(new DeviceError('DEVICE_GARBLED', `${bytes.length} bytes`))
      else if (reading.text !== '') events.text({ ...reading, at })
    },
    overflow: () => events.fault(new DeviceError('DEVICE_OVERFLOW')),
  })
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
