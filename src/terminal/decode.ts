/** The command `npm run decode -- PICTURE…`: the camera's decoder on picture files, a line of JSON each. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createDecoder } from '../devices/camera/decode.ts'
import { unpackPicture } from './picture-file.ts'

const EXIT_USAGE = 64
const FAULTS = {
  PICTURE_MISSING: { message: '找不到图片文件', advice: '检查路径和文件名。' },
  PICTURE_DENIED: { message: '没有读取图片文件的权限', advice: '检查文件权限。' },
  PICTURE_BROKEN: { message: '无法打开图片', advice: '请使用完整的 PNG、JPEG 或 BMP 图片。' },
} as const
type PictureFault = keyof typeof FAULTS

/** `ms` is the decoder's time on the unpacked pixels, all its looks included. */
type Line = {
  readonly file: string
  readonly text: string | null
  readonly ms: number
  readonly error?: { readonly code: PictureFault; readonly message: string; readonly advice: string }
}

const files = process.argv.slice(2)
if (files.length === 0) {
  process.stderr.write('用法：npm run decode -- 图片…（PNG、JPEG、BMP）\n')
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
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return fault(file, code === 'EACCES' || code === 'EPERM' ? 'PICTURE_DENIED' : 'PICTURE_MISSING')
  }
  try {
    const pixels = unpackPicture(bytes)
    const from = performance.now()
    const text = pixels ? await textOn(pixels) : await decoder.file(bytes)
    return { file, text: text ?? null, ms: Math.round((performance.now() - from) * 100) / 100 }
  } catch {
    return fault(file, 'PICTURE_BROKEN')
  }
}

async function textOn(pixels: Parameters<typeof decoder.picture>[0]): Promise<string | undefined> {
  const sight = await decoder.picture(pixels)
  return sight.kind === 'read' ? sight.text : undefined
}

function fault(file: string, code: PictureFault): Line {
  return { file, text: null, ms: 0, error: { code, ...FAULTS[code] } }
}
