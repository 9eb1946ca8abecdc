/** Finds the speed of a serial scanner whose settings nobody knows, while somebody scans again and again. */
import { createCodeReader } from '../code-reader.ts'
import { openPort, type LineSettings } from './serial-port.ts'

export type DetectBaudRateOptions = {
  readonly path: string
  /** In the order in which they are tried. */
  readonly rates?: readonly number[]
  /** The text of the test sheet; without it any readable code of 6 characters or more will do. */
  readonly expected?: string
  /** How long each rate waits for a scan, ms. Default 10 000. */
  readonly waitMs?: number
  /** Ends it early. */
  readonly signal?: AbortSignal
  /** Which rate is listened at now, so that the screen can ask for a scan. */
  trying?(baudRate: number): void
  /** Replaced in tests. */
  readonly open?: typeof openPort
}

/** 9600 is most scanners' own, 115200 that of most USB ones. */
const RATES = [9600, 115_200, 57_600, 38_400, 19_200, 4800, 2400, 1200]
const SHORTEST_CODE = 6
const READABLE = /^[\u0020-\u007e\p{Script=Han}]+$/u

/**
 * The rate at which a scan was readable, or undefined where none was. One scan
 * at a wrong rate moves on to the next at once. Rejects with a DeviceError where
 * the port cannot be opened; it must not be open elsewhere (lend it first).
 */
export async function detectBaudRate(options: DetectBaudRateOptions): Promise<number | undefined> {
  const { path, rates = RATES, waitMs = 10_000, signal, open = openPort } = options
  for (const baudRate of rates) {
    if (signal?.aborted) return undefined
    options.trying?.(baudRate)
    if (await isReadableAt(baudRate)) return baudRate
  }
  return undefined

  async function isReadableAt(baudRate: number): Promise<boolean> {
    const answer = Promise.withResolvers<boolean>()
    const reader = createCodeReader(
      {},
      {
        text: ({ text }) => answer.resolve(isGood(text)),
        // A half of a code is readable too.
        fault: ({ code }) => answer.resolve(code === 'DEVICE_CUT' && options.expected === undefined),
      },
    )
    const line: LineSettings = { baudRate, dataBits: 8, parity: 'none', stopBits: 1 }
    const port = await open(path, line, { bytes: (chunk) => reader.push(chunk), lost: (fault) => answer.reject(fault) })
    const end = (): void => answer.resolve(false)
    const timer = setTimeout(end, waitMs)
    signal?.addEventListener('abort', end, { once: true })
    if (signal?.aborted) end()
    try {
      return await answer.promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      reader.reset()
      await port.close()
    }
  }

  function isGood(text: string): boolean {
    if (options.expected !== undefined) return text.includes(options.expected)
    return text.length >= SHORTEST_CODE && READABLE.test(text)
  }
}
