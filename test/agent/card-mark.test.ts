import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cardMark } from '../../src/agent/card-mark.ts'

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'maqiao-mark-'))))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, bytes: number) => {
  writeFileSync(join(folder, name), Buffer.alloc(bytes, 1))
  return join(folder, name)
}

it.each([
  ['标识.PNG', 'image/png'],
  ['mark.jpeg', 'image/jpeg'],
  ['mark.svg', 'image/svg+xml'],
])('gives %s as %s', (name, mediaType) => {
  expect(cardMark(file(name, 3))).toBe(`data:${mediaType};base64,AQEB`)
})
it('gives none where there is no file, or no picture of at most 200 KB', () => {
  expect([undefined, join(folder, 'missing.png'), file('mark.txt', 3), file('large.png', 204_801), folder].map((each) => cardMark(each))).toEqual([null, null, null, null, null])
})
