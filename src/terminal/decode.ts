/** The command `npm run decode -- PICTURE…`: the camera's decoder on picture files, a line of JSON each. */
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createDecoder } from '../devices/camera/decode.ts'
import { MAX_FILE_BYTES, PICTURE_FAULTS, PictureError, unpackPicture, type PictureFault } from './picture-file.ts'

const EXIT_USAGE = 64

/** `ms` is the decoder's time on the unpacked pixels, all its looks included. */
type Line = {
  readonly file: string
  readonly text: string | null
  readonly ms: number
  readonly error?: { readonly code: PictureFault; readonly message: string; readonly advice: string }
}

const files = process.argv.slice(2)
if (files.length === 0) {
  process.stderr.write('用法：npm run decode -- 图片…（PNG、JPEG、BMP、GIF）\n')
  process.exit(EXIT_USAGE)
}

const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
const decoder = await createDecoder({ wasm: Uint8Array.from(wasm).buffer })
for (const file of files) {
  const line = await decodeFile(file)
  if (line.error) process.exitCode = 1
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function decodeFile(file: string): Promise<Line> {
  try {
    const bytes = await bytesOf(file)
    const unpacked = unpackPicture(bytes)
    const from = performance.now()
    const text = unpacked.kind === 'pixels' ? await textOn(unpacked.pixels) : await textIn(bytes)
    const ms = Math.round((performance.now() - from) * 100) / 100
    if (text === undefined && unpacked.kind === 'pixels' && unpacked.cut) throw new PictureError('PICTURE_CUT')
    return { file, text: text ?? null, ms }
  } catch (error) {
    return fault(file, error)
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file)
    if (size > MAX_FILE_BYTES) throw new PictureError('PICTURE_TOO_LARGE')
    return await readFile(file)
  } catch (error) {
    if (error instanceof PictureError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new PictureError(code === 'EACCES' || code === 'EPERM' ? 'PICTURE_DENIED' : 'PICTURE_MISSING')
  }
}

async function textOn(pixels: Parameters<typeof decoder.picture>[0]): Promise<string | undefined> {
  const sight = await decoder.picture(pixels)
  return sight.kind === 'read' ? sight.text : undefined
}

async function textIn(bytes: Buffer): Promise<string | undefined> {
  try {
    return await decoder.file(bytes)
  } catch {
    throw new PictureError('PICTURE_BROKEN')
  }
}

function fault(file: string, error: unknown): Line {
  const { code, format } = error instanceof PictureError ? error : new PictureError('PICTURE_BROKEN')
  const { message, advice } = PICTURE_FAULTS[code]
  return { file, text: null, ms: 0, error: { code, message: format ? `${message}（${format}）` : message, advice } }
}
