/** zxing-wasm, set up for patients' codes. */
import { prepareZXingModule, readBarcodes, type ReaderOptions, type ReadResult } from 'zxing-wasm/reader'
import type { Pixels } from './luma.ts'
import type { Part } from './parts.ts'
import { spelled } from './spelled.ts'

export type Corner = { readonly x: number; readonly y: number }

/**
 * A code that was read, or one that was found and could not be read (`text`
 * undefined), in the pixels given. With `part` it is one symbol of several
 * (Structured Append) and its text is not a whole one.
 */
export type Finding = {
  readonly text: string | undefined
  readonly aim: string
  readonly corners: readonly Corner[]
  readonly part?: Part
}

/** Pixels, or the bytes of a whole BMP, GIF, PNG or JPEG file. */
export type EngineInput = Pixels | Uint8Array
export type Engine = (input: EngineInput, options?: ReaderOptions) => Promise<readonly Finding[]>

/**
 * No Micro QR: its smallest kind has next to no check, so that a worn corner of
 * a large code reads as three digits, and no patient's code is that short.
 * Bytes without a declared character set come as they are, one character each.
 */
const OPTIONS = {
  formats: ['QRCodeModel1', 'QRCodeModel2'],
  textMode: 'Plain',
  characterSet: 'BINARY',
  tryDenoise: true,
  tryDownscale: false,
  maxNumberOfSymbols: 1,
} as const satisfies ReaderOptions

/** Compiles the module from its bytes, never from the network. */
export async function createEngine(wasm: ArrayBuffer): Promise<Engine> {
  await prepareZXingModule({ overrides: { wasmBinary: wasm }, fireImmediately: true })
  return async (input, options = {}) => {
    const found = await readBarcodes(input as ImageData | Uint8Array, { ...OPTIONS, ...options })
    return found.map(findingOf)
  }
}

function findingOf(result: ReadResult): Finding {
  if (result.error.startsWith('Failed to load image')) throw new TypeError('not a picture that can be read')
  const { text, bytes, hasECI, sequenceSize, sequenceIndex, sequenceId } = result
  const { topLeft, topRight, bottomRight, bottomLeft } = result.position
  const finding = { aim: result.symbologyIdentifier, corners: [topLeft, topRight, bottomRight, bottomLeft] }
  if (!result.isValid) return { ...finding, text: undefined }
  if (sequenceSize < 2) return { ...finding, text: hasECI ? text : spelled(text) }
  return { ...finding, text, part: { index: sequenceIndex, count: sequenceSize, parity: Number(sequenceId), bytes, text, declared: hasECI } }
}
