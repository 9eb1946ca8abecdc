import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LOG_FIELDS, printable } from '../../src/agent/log-fields.ts'
import { createLog } from '../../src/agent/log.ts'
import { filesBelow } from '../support/imports.ts'

const NUMBER = '340104198810220011'

test('a field that nobody has vouched for leaves only its length', () => {
  expect(printable({ idNumber: NUMBER, patient: { name: '林安和' }, toString: 'x' })).toEqual({ hidden: '***(1)' })
  expect(printable({ idNumber: NUMBER })).toEqual({ hidden: '***(18)' })
})

test('a known field shows only what its kind can hold', () => {
  expect(printable({ code: '林安和', kind: NUMBER, id: NUMBER, ms: NUMBER, demo: 'yes', operation: '0F'.repeat(32), reason: 'a b' })).toEqual({
    code: '***(3)',
    kind: '***(18)',
    id: '***(18)',
    ms: '***(18)',
    demo: '***(3)',
    operation: '***(64)',
    reason: '***(3)',
  })
  expect(printable({ path: `/data/${NUMBER}/19900000113`, why: '医保动态库' })).toEqual({ path: '/data/…(18)/…(11)', why: '医保动态库' })
  const good = { code: '-10031', kind: 'health-card/reportHISData', id: '00f3a9c0d1e2b4', seq: 4, device: 'serial:/dev/ttyUSB0', fault: null }
  expect(printable({ ...good, status: undefined })).toEqual(good)
})

test('no value changes what a line is', () => {
  const lines: string[] = []
  const log = createLog({ level: 'debug', write: (line) => lines.push(line) })
  log.warn('a.b', { why: 'x"}\n{"level":"error"', __proto__: null as never, code: '\u2028' })
  expect(lines).toHaveLength(1)
  expect(lines[0]?.trimEnd().split('\n')).toHaveLength(1)
  expect(JSON.parse(lines[0] as string)).toMatchObject({ level: 'warn', event: 'a.b' })
})

test('every call of the log in the product names only known fields', () => {
  const unknown: string[] = []
  let calls = 0
  for (const file of filesBelow('src', ['.ts'])) {
    for (const [, , fields] of readFileSync(file, 'utf8').matchAll(/\blog(\.\w+)?\(\s*(?:'[\w.-]+'|\w+ \? '[\w.]+' : '[\w.]+'),\s*\{([^}]*)\}/g)) {
      calls++
      for (const [, name] of (fields ?? '').matchAll(/(?:^|[,{])\s*(\w+)\s*(?=[:,]|$)/g)) {
        if (!Object.hasOwn(LOG_FIELDS, name as string)) unknown.push(`${file}: ${name}`)
      }
    }
  }
  expect(calls).toBeGreaterThan(20)
  expect(unknown).toEqual([])
})

/** Lines `from` to `to` into files of 2000 bytes each. */
function written(directory: string, files: number, from: number, to: number): void {
  const log = createLog({ directory, maxFileBytes: 2000, files })
  for (let seq = from; seq <= to; seq++) log.info('scan.ended', { seq })
  log.close()
}
const logs = () => {
  const directory = mkdtempSync(join(tmpdir(), 'maqiao-log-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const seqs = (name: string) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as { seq: number }).seq)
  return { directory, seqs }
}

test.each([1, 2, 3])('of files no more than %i are kept, each no larger than said, the newest lines of all', (files) => {
  const { directory, seqs } = logs()
  written(directory, files, 1, 300)
  const names = readdirSync(directory).sort()
  expect(names).toEqual(['maqiao.log', 'maqiao.log.1', 'maqiao.log.2'].slice(0, files))
  for (const name of names) expect(readFileSync(join(directory, name)).length).toBeLessThanOrEqual(2000)
  const kept = names.reverse().flatMap(seqs)
  expect(kept).toEqual(kept.map((_, index) => 301 - kept.length + index))
})

test('each file but the newest is full: a line turns a file over only where it does not fit', () => {
  const { directory } = logs()
  written(directory, 5, 1, 300)
  const full = readdirSync(directory).filter((name) => name !== 'maqiao.log')
  expect(full).toHaveLength(4)
  const line = readFileSync(join(directory, 'maqiao.log.1'), 'utf8').split('\n', 1)[0] ?? ''
  for (const name of full) expect(readFileSync(join(directory, name)).length).toBeGreaterThan(2000 - 2 * line.length)
})

test('a file that cannot be turned over goes on, and loses no line', () => {
  const { directory, seqs } = logs()
  mkdirSync(join(directory, 'maqiao.log.1'))
  written(directory, 2, 1, 100)
  expect(seqs('maqiao.log')).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
})
