import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { createDecoder, type Sight } from '../../../src/devices/camera/decode.ts'
import { emptyPhotograph, HELD_OUT_SEED, photographs } from '../../support/qr-photographs.ts'

const EACH = 8
const EMPTY = 60

test('of the held-out simulated photographs 92 % are read as stills and 88 % at the first frame, and no false text', async () => {
  const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  const decoder = await createDecoder({ wasm: Uint8Array.from(wasm).buffer })
  let [total, stills, frames] = [0, 0, 0]
  for (const { name, texts, picture } of photographs(HELD_OUT_SEED, EACH)) {
    const [still, frame] = [textOf(await decoder.picture(picture)), textOf(await decoder.frame(picture))]
    for (const text of [still, frame]) if (text !== undefined) expect(texts, name).toContain(text)
    total++
    if (still !== undefined) stills++
    if (frame !== undefined) frames++
  }
  for (let round = 0; round < EMPTY; round++) {
    expect(textOf(await decoder.picture(emptyPhotograph(round, HELD_OUT_SEED)))).toBe(undefined)
  }
  console.info(`stills ${stills}/${total}, first frames ${frames}/${total}`)
  expect(stills / total).toBeGreaterThanOrEqual(0.92)
  expect(frames / total).toBeGreaterThanOrEqual(0.88)
}, 1_800_000)

function textOf(sight: Sight): string | undefined {
  return sight.kind === 'read' ? sight.text : undefined
}
