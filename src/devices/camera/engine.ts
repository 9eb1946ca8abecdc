/** zxing-wasm, set up for patients' codes. */
import { prepareZXingModule, readBarcodes, type ReaderOptions, type ReadResult } from 'zxing-wasm/reader'
import type { Pixels } from './luma.ts'

export type Corner = { readonly x: number; readonly y: number }

/** A code that was read, or one that was found and could not be read (`text` undefined), in the pixels given. */
export type Finding = {
  readonly text: string | undefined
  readonly aim: string
  readonly corners: readonly Corner[]
}

/** Pixels, or the bytes of a whole BMP, GIF, PNG or JPEG file. */
export type EngineInput = Pixels | Uint8Array
export type Engine = (input: EngineInput, options?: ReaderOptions) => Promise<readonly Finding[]>

/**
 * No Micro QR: its smallest kind has next to no check, so that a worn corner of
 * a large code reads as three digits, and no patient's code is that short.
 */
const OPTIONS = {
  formats: ['QRCodeModel1', 'QRCodeModel2'],
  textMode: 'Plain',
  tryDenoise: true,
  tryDownscale: false,
  maxNumberOfSymbols: 1,
} as const satisfies ReaderOptions

/** Compiles the module from its bytes, never from the network. */
export async function createEngine(wasm: ArrayBuffer): Promise<Engine> {
  await prepareZXingModule({ overrides: { wasmBinary: wasm }, fireImmediately: true })
  return async (input, options = {}) => {
    const found = await readBarcodes(input as ImageData | Uint8Array, { ...OPTIONS, ...options })
    return Promise.all(found.map((result) => findingOf(input, options, result)))
  }
}

async function findingOf(input: EngineInput, options: ReaderOptions, result: ReadResult): Promise<Finding> {
  if (result.error.startsWith('Failed to load image')) throw new TypeError('not a picture that can be read')
  const { topLeft, topRight, bottomRight, bottomLeft } = result.position
  return {
    text: result.isValid ? await textOf(input, options, result) : undefined,
    aim: result.symbologyIdentifier,
    corners: [topLeft, topRight, bottomRight, bottomLeft],
  }
}

/**
 * Bytes without a declared character set are UTF-8 or, in China, GBK: the
 * engine's own guess is Japanese or Latin. It is asked again, for only it knows
 * which parts of the code were bytes.
 */
async function textOf(input: EngineInput, options: ReaderOptions, result: ReadResult): Promise<string> {
  if (result.hasECI || isAscii(result.bytes)) return result.text
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(result.bytes)
  } catch {
    const again = await readBarcodes(input as ImageData | Uint8Array, { ...OPTIONS, ...options, characterSet: 'GB18030' })
    return again.find(({ isValid }) => isValid)?.text ?? result.text
  }
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80)
}
