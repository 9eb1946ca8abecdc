/** The command `npm run decode -- PICTURE…`: the camera's decoder on picture files, a line of JSON each. */
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { noticeOf, readStill, type Choose, type Notice, type Taken } from '../devices/camera/choice.ts'
import { createDecoder } from '../devices/camera/decode.ts'
import { chooseCode } from '../transcode/choose-code.ts'
import { createRecogniser } from '../transcode/recognise.ts'
import { MAX_FILE_BYTES, PICTURE_FAULTS, PictureError, unpackPicture, type PictureFault } from './picture-file.ts'

const EXIT_USAGE = 64

/** `ms` is the decoder's time on the unpacked pixels, all its looks included. */
type Line = {
  readonly file: string
  readonly text: string | null
  readonly ms: number
  /** Why a code that was seen is not given as the text: one part of several, or codes of several patients. */
  readonly notice?: Notice & { readonly part?: number; readonly of?: number }
  readonly error?: { readonly code: PictureFault; readonly message: string; readonly advice: string }
}

const files = process.argv.slice(2)
if (files.length === 0) {
  process.stderr.write('用法：npm run decode -- 图片…（PNG、JPEG、BMP、GIF）\n')
  process.exit(EXIT_USAGE)
}

const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
const recognise = createRecogniser()
const choose: Choose = (texts) => chooseCode(texts, recognise)
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
    const taken = await readStill((options) => (unpacked.kind === 'pixels' ? decoder.picture(unpacked.pixels, options) : sightIn(bytes)), choose)
    const ms = Math.round((performance.now() - from) * 100) / 100
    if (taken.kind === 'nothing' && unpacked.kind === 'pixels' && unpacked.cut) throw new PictureError('PICTURE_CUT')
    return { file, text: taken.kind === 'read' ? taken.code.text : null, ms, ...noticed(taken) }
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

function noticed(taken: Taken): Pick<Line, 'notice'> {
  if (taken.kind === 'several') return { notice: noticeOf(taken) }
  if (taken.kind === 'part') return { notice: { ...noticeOf(taken), part: taken.index + 1, of: taken.count } }
  return {}
}

async function sightIn(bytes: Buffer): ReturnType<typeof decoder.file> {
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
