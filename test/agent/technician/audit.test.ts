import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { openAuditLog, verifyAudit, type AuditLog } from '../../../src/agent/technician/audit-log.ts'
import { auditCheck } from '../../../src/agent/technician/safety-checks.ts'
import type { AuditHead, AuditWitness } from '../../../src/agent/technician/audit-witness.ts'
import { installationDigest } from '../../../src/agent/installation-secret.ts'
import { loadSealer } from '../../../src/outbox/key-file.ts'
import { createSealer } from '../../../src/outbox/sealer.ts'

/** Called before each call that changes a file. */
const hook = vi.hoisted(() => ({ before: undefined as undefined | ((call: string) => void) }))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const seen = <A extends unknown[], R>(call: string, work: (...args: A) => R) => (...args: A): R => (hook.before?.(call), work(...args))
  const writeSync = (handle: number, bytes: Buffer, from: number, length: number, at: number): number => {
    hook.before?.('write')
    if (!hook.before) return fs.writeSync(handle, bytes, from, length, at)
    const half = fs.writeSync(handle, bytes, from, length >> 1, at)
    hook.before('half a line')
    return half + fs.writeSync(handle, bytes, from + half, length - half, at + half)
  }
  return { ...fs, writeSync, openSync: seen('open', fs.openSync), writeFileSync: seen('writeFile', fs.writeFileSync), renameSync: seen('rename', fs.renameSync), fsyncSync: seen('sync', fs.fsyncSync), closeSync: seen('close', fs.closeSync) }
})

const { digest } = createSealer(new Uint8Array(32).fill(3))
/** The last second of November 2026 in China. */
const NOVEMBER = Date.parse('2026-11-30T23:59:59+08:00')
const [DECEMBER, JANUARY] = [Date.parse('2026-12-01T00:00:00+08:00'), Date.parse('2027-01-05T08:00:00+08:00')]
let place: string
let file: string
let audit: AuditLog
let clock: number
let remembered: AuditHead | undefined
const now = () => clock
const witness: AuditWitness = { read: () => remembered, write: (head) => void (remembered = head) }
const open = (at = file) => (audit = openAuditLog({ file: at, digest, witness, now }))
const path = (name: string) => join(place, name)
const linesIn = (name: string) => readFileSync(path(name), 'utf8').trimEnd().split('\n')
const put = (name: string, lines: string[]) => writeFileSync(path(name), lines.map((line) => `${line}\n`).join(''))
const lend = (device: string, at = clock) => {
  clock = at
  audit.write('technician', 'device.lent', { device })
}
/** 3 entries and the closing one; 2 and the closing one; 1. */
const threeMonths = () => {
  for (const device of ['a', 'b', 'c']) lend(device, NOVEMBER)
  for (const device of ['d', 'e']) lend(device, DECEMBER)
  lend('f', JANUARY)
}

beforeEach(() => {
  hook.before = undefined
  remembered = undefined
  clock = NOVEMBER
  place = mkdtempSync(join(tmpdir(), 'maqiao-audit-'))
  file = path('audit.jsonl')
  open()
})

describe('the months of the audit', () => {
  test('are closed by the first entry after them, by the time of China; the chain goes on', () => {
    threeMonths()
    expect(readdirSync(place).sort()).toEqual(['audit-2026-11.jsonl', 'audit-2026-12.jsonl', 'audit.jsonl', 'audit.jsonl.head', 'audit.jsonl.months'])
    expect(['audit-2026-11.jsonl', 'audit-2026-12.jsonl', 'audit.jsonl'].map((name) => linesIn(name).length)).toEqual([4, 3, 1])
    expect(JSON.parse(linesIn('audit-2026-11.jsonl')[3]!)).toMatchObject({ seq: 4, who: 'maqiao', what: 'audit.closed', detail: { month: '2026-11' } })
    expect(audit.verify()).toEqual({ ok: true, entries: 8 })
    audit.close()
    open()
    lend('g')
    expect(verifyAudit(file, digest, remembered)).toEqual({ ok: true, entries: 9 })
    if (process.platform !== 'win32') for (const name of readdirSync(place)) expect([name, statSync(path(name)).mode & 0o077]).toEqual([name, 0])
  })

  test('the latest entries are read from the present month, and from earlier ones only as far as the limit asks', () => {
    threeMonths()
    const seqs = (limit: number) => audit.latest(limit).map(({ seq }) => seq)
    expect([seqs(3), seqs(5), seqs(100)]).toEqual([[6, 7, 8], [4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8]])
    put('audit-2026-11.jsonl', [])
    expect([seqs(4), seqs(100)]).toEqual([[5, 6, 7, 8], [5, 6, 7, 8]])
    rmSync(path('audit-2026-12.jsonl'))
    expect([seqs(1), seqs(100)]).toEqual([[8], [8]])
  })

  test.each<[string, () => void, string, number, string]>([
    ['changed', () => put('audit-2026-11.jsonl', linesIn('audit-2026-11.jsonl').with(1, linesIn('audit-2026-11.jsonl')[1]!.replace('"b"', '"x"'))), 'audit-2026-11.jsonl', 2, '内容与校验值不符'],
    ['cut', () => put('audit-2026-12.jsonl', linesIn('audit-2026-12.jsonl').slice(0, 2)), 'audit-2026-12.jsonl', 3, '末尾少了 1 条'],
    ['emptied', () => put('audit-2026-12.jsonl', []), 'audit-2026-12.jsonl', 1, '末尾少了 3 条'],
    ['longer', () => put('audit-2026-11.jsonl', [...linesIn('audit-2026-11.jsonl'), linesIn('audit-2026-12.jsonl')[0]!]), 'audit-2026-11.jsonl', 5, '末尾多了 1 条'],
    ['deleted', () => rmSync(path('audit-2026-11.jsonl')), 'audit-2026-11.jsonl', 1, '不见了'],
    ['the last one deleted', () => rmSync(path('audit-2026-12.jsonl')), 'audit-2026-12.jsonl', 1, '不见了'],
    ['swapped', () => (renameSync(path('audit-2026-11.jsonl'), path('x')), renameSync(path('audit-2026-12.jsonl'), path('audit-2026-11.jsonl')), renameSync(path('x'), path('audit-2026-12.jsonl'))), 'audit-2026-11.jsonl', 1, '序号不连续'],
    ['foreign', () => put('audit-2025-01.jsonl', linesIn('audit-2026-11.jsonl')), 'audit-2025-01.jsonl', 1, '没有封存记录'],
    ['with no list of their ends', () => rmSync(path('audit.jsonl.months')), 'audit-2026-11.jsonl', 1, '没有封存记录'],
    ['with an older list', () => put('audit.jsonl.months', linesIn('audit.jsonl.months').slice(0, 1)), 'audit-2026-12.jsonl', 1, '没有封存记录'],
    ['with a list that was changed', () => put('audit.jsonl.months', linesIn('audit.jsonl.months').with(1, linesIn('audit.jsonl.months')[1]!.replace(' 7 ', ' 6 '))), 'audit.jsonl.months', 2, '封存记录'],
  ])('%s: told by file and line, at once and after a restart and an entry', async (_what, change, name, line, reason) => {
    threeMonths()
    expect(await audit.verifyInTurns()).toEqual({ ok: true, entries: 8 })
    change()
    const told = { ok: false, file: name, line, reason: expect.stringContaining(reason) }
    expect(await audit.verifyInTurns()).toMatchObject(told)
    expect(verifyAudit(file, digest)).toMatchObject(told)
    audit.close()
    open()
    lend('g')
    lend('h', JANUARY + 40 * 86_400_000)
    expect(audit.verify()).toMatchObject({ ok: false })
    expect(await audit.verifyInTurns()).toMatchObject({ ok: false })
  })

  test('a month taken away together with its place in the list is missed in the next file', () => {
    threeMonths()
    rmSync(path('audit-2026-12.jsonl'))
    put('audit.jsonl.months', linesIn('audit.jsonl.months').slice(0, 1))
    expect(verifyAudit(file, digest)).toMatchObject({ ok: false, line: 1, reason: expect.stringContaining('序号不连续') })
  })

  test('all of it put back to an older month is noticed by the witness', () => {
    threeMonths()
    const older = mkdtempSync(join(tmpdir(), 'maqiao-audit-'))
    cpSync(place, older, { recursive: true })
    for (const at of [JANUARY, JANUARY + 40 * 86_400_000]) lend('g', at)
    expect(verifyAudit(join(older, 'audit.jsonl'), digest)).toEqual({ ok: true, entries: 8 })
    expect(verifyAudit(join(older, 'audit.jsonl'), digest, remembered)).toMatchObject({ ok: false, line: 2, reason: expect.stringContaining('末尾少了 3 条') })
    // The same numbers in another chain, in a month that is closed.
    expect(verifyAudit(file, digest, { seq: 2, chain: '0'.repeat(64) })).toMatchObject({ ok: false, file: 'audit-2026-11.jsonl', line: 2 })
  })

  test('a closed month that was found whole is not walked again while it stays the same', async () => {
    let digests = 0
    audit.close()
    audit = openAuditLog({ file, digest: (text) => (digests++, digest(text)), witness, now })
    for (let n = 0; n < 100; n++) lend('a', NOVEMBER)
    lend('b', DECEMBER)
    const costOf = async () => ((digests = 0), expect(await audit.verifyInTurns()).toEqual({ ok: true, entries: 102 }), digests)
    expect(await costOf()).toBeGreaterThan(100)
    expect(await costOf()).toBeLessThan(20)
    // Touched, it is walked again; changed with the old size and time, it is found.
    const closed = path('audit-2026-11.jsonl')
    const { atime, mtime } = statSync(closed)
    utimesSync(closed, atime, new Date(0))
    expect(await costOf()).toBeGreaterThan(100)
    utimesSync(closed, atime, mtime)
    await costOf()
    writeFileSync(closed, readFileSync(closed, 'utf8').replace('"device":"a"', '"device":"x"'))
    utimesSync(closed, atime, mtime)
    expect(await audit.verifyInTurns()).toMatchObject({ ok: false, file: 'audit-2026-11.jsonl', line: 1 })
  })

  test('a clock that is put back writes into no closed month', () => {
    lend('a', NOVEMBER)
    lend('b', DECEMBER)
    const closed = readFileSync(path('audit-2026-11.jsonl'))
    lend('c', NOVEMBER)
    audit.close()
    open()
    lend('d', 0)
    expect([readFileSync(path('audit-2026-11.jsonl')), linesIn('audit.jsonl').length, audit.verify()]).toEqual([closed, 3, { ok: true, entries: 5 }])
    lend('e', JANUARY)
    expect(readdirSync(place).filter((name) => name.startsWith('audit-'))).toEqual(['audit-2026-11.jsonl', 'audit-2026-12.jsonl'])
  })

  test('put back between the closing of a month and the next entry, it makes a second file of that month', () => {
    lend('a', NOVEMBER)
    hook.before = (call) => {
      if (call === 'write' && existsSync(path('audit-2026-11.jsonl'))) throw Object.assign(new Error(), { code: 'ENOSPC' })
    }
    expect(() => lend('b', DECEMBER)).toThrow(expect.objectContaining({ code: 'AUDIT_NOT_WRITABLE' }))
    hook.before = undefined
    const closed = readFileSync(path('audit-2026-11.jsonl'))
    lend('c', NOVEMBER)
    lend('d', DECEMBER)
    expect(readFileSync(path('audit-2026-11.jsonl'))).toEqual(closed)
    expect(linesIn('audit-2026-11.2.jsonl').length).toBe(2)
    expect(audit.verify()).toEqual({ ok: true, entries: 5 })
  })

  test('one file of several months, as it was written before, is closed whole at the next start; its lines stay as they are', () => {
    const lines: string[] = []
    let chain = digest('maqiao audit')
    for (const [index, at] of [NOVEMBER - 40 * 86_400_000, NOVEMBER, DECEMBER].entries()) {
      const entry = { seq: index + 1, at: new Date(at).toISOString(), who: 'technician', what: 'door.opened', detail: {} }
      chain = digest(`${chain}\n${JSON.stringify(entry)}`)
      lines.push(JSON.stringify({ ...entry, chain }))
    }
    audit.close()
    put('audit.jsonl', lines)
    writeFileSync(`${file}.head`, `3 ${chain} ${digest(`maqiao audit head\n3 ${chain}`)}\n`)
    remembered = { seq: 3, chain }
    expect(verifyAudit(file, digest, remembered)).toEqual({ ok: true, entries: 3 })
    clock = DECEMBER + 1000
    open()
    expect(linesIn('audit-2026-12.jsonl').slice(0, 3)).toEqual(lines)
    expect(audit.verify()).toEqual({ ok: true, entries: 4 })
    lend('a')
    lend('b', JANUARY)
    expect(readdirSync(place).filter((name) => name.startsWith('audit-')).sort()).toEqual(['audit-2026-12.2.jsonl', 'audit-2026-12.jsonl'])
    expect(audit.verify()).toEqual({ ok: true, entries: 7 })
    expect(audit.latest(100).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test('stopped at any point of a closing, the chain verifies, and goes on at the next start', () => {
    lend('a', NOVEMBER)
    const stops: { at: string; call: string; witnessed?: AuditHead }[] = []
    const kept = mkdtempSync(join(tmpdir(), 'maqiao-audit-'))
    hook.before = (call) => {
      const { before } = hook
      hook.before = undefined
      const at = join(kept, String(stops.length))
      mkdirSync(at)
      cpSync(place, at, { recursive: true })
      stops.push({ at: join(at, 'audit.jsonl'), call, ...(remembered && { witnessed: remembered }) })
      hook.before = before
    }
    lend('b', DECEMBER)
    hook.before = undefined
    expect(stops.length).toBeGreaterThan(20)
    for (const { at, call, witnessed } of stops) {
      const stopped = verifyAudit(at, digest, witnessed)
      // What was cut in the middle of a line is dropped at the next start; nobody was told that it stands.
      if (call !== 'half a line') expect([call, stopped]).toEqual([call, { ok: true, entries: expect.any(Number) }])
      remembered = witnessed
      open(at)
      expect([call, audit.verify()]).toMatchObject([call, { ok: true }])
      lend('c', DECEMBER)
      expect([call, audit.verify()]).toMatchObject([call, { ok: true }])
      lend('d', JANUARY)
      expect([call, audit.verify()]).toMatchObject([call, { ok: true }])
      expect(audit.latest(100).filter(({ what }) => what === 'audit.closed').length).toBe(2)
      audit.close()
    }
  })

  test('an error at any point of a closing refuses the entry; the next one goes on from there', () => {
    for (let fails = 1, refused = true; refused; fails++) {
      const at = join(mkdtempSync(join(tmpdir(), 'maqiao-audit-')), 'audit.jsonl')
      remembered = undefined
      clock = NOVEMBER
      open(at)
      lend('a')
      let calls = 0
      hook.before = (call) => {
        // Closing a file is no write: it gives up the handle whatever it reports.
        if (++calls === fails && call !== 'close') throw Object.assign(new Error(), { code: 'EIO' })
      }
      try {
        lend('b', DECEMBER)
        refused = calls >= fails
      } catch (error) {
        expect(error).toMatchObject({ code: 'AUDIT_NOT_WRITABLE' })
      }
      hook.before = undefined
      lend('c', DECEMBER)
      expect(audit.latest(100).map(({ what }) => what).filter((what) => what === 'audit.closed').length, String(fails)).toBe(1)
      expect([fails, audit.verify()]).toMatchObject([fails, { ok: true }])
      audit.close()
    }
  })

  test('the check beside a running terminal follows a month that is closed meanwhile', () => {
    lend('a', NOVEMBER)
    for (let turn = 1; turn <= 8; turn++) {
      let asked = 0
      const closing = (text: string) => {
        if (++asked === turn) lend('b', clock + 32 * 86_400_000)
        return digest(text)
      }
      expect([turn, verifyAudit(file, closing, remembered)]).toMatchObject([turn, { ok: true }])
    }
  })

  test('doctor names the file of a closed month', () => {
    const log = openAuditLog({ file: file, digest: installationDigest(place, loadSealer(place)), now })
    log.write('technician', 'door.opened')
    clock = DECEMBER
    log.write('technician', 'door.opened')
    log.close()
    expect(auditCheck(place)).toMatchObject({ ok: true, detail: '3 条记录，逐条相连' })
    for (const name of ['audit.jsonl', 'audit.jsonl.head', 'audit.jsonl.months']) rmSync(path(name))
    expect(auditCheck(place)).toMatchObject({ ok: false, detail: expect.stringMatching(/^audit-2026-11\.jsonl 第 1 行起断开/) })
  })
})
