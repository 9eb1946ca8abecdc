import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { openAuditLog, verifyAudit, type AuditLog } from '../../../src/agent/technician/audit-log.ts'
import type { AuditHead, AuditWitness } from '../../../src/agent/technician/audit-witness.ts'
import { createDoor, IDLE_MS, type Door } from '../../../src/agent/technician/door.ts'
import { createSealer } from '../../../src/outbox/sealer.ts'

const { digest } = createSealer(new Uint8Array(32).fill(3))
let place: string
let audit: AuditLog
let clock: number
const now = () => clock
const door = (): Door => createDoor({ file: join(place, 'technician.json'), audit, now })
const codeOf = (promise: Promise<unknown>) => promise.then(() => 'none', (error: { code: string }) => error.code)

beforeEach(() => {
  clock = 1_800_000_000_000
  place = mkdtempSync(join(tmpdir(), 'maqiao-door-'))
  audit = openAuditLog({ file: join(place, 'audit.jsonl'), digest, now })
})

describe("the technician's door", () => {
  test('opens with the PIN only, and closes by itself', async () => {
    const d = door()
    expect(d.state()).toEqual({ pinSet: false, lockedMs: 0 })
    expect(await codeOf(d.open('123456'))).toBe('PIN_NOT_SET')
    expect(await codeOf(d.setPin('12345'))).toBe('PIN_TOO_SHORT')
    await d.setPin('735194')
    expect(readFileSync(join(place, 'technician.json'), 'utf8')).not.toContain('735194')
    expect(await codeOf(d.open('735195'))).toBe('PIN_WRONG')
    const { token } = await d.open('735194')
    expect(d.isOpen(token)).toBe(true)
    expect(d.isOpen(`${token}x`)).toBe(false)
    clock += IDLE_MS - 1
    expect(d.isOpen(token)).toBe(true)
    clock += IDLE_MS
    expect(d.isOpen(token)).toBe(false)
  })

  test('changing the PIN needs the present one and ends every session', async () => {
    const d = door()
    await d.setPin('735194')
    const { token } = await d.open('735194')
    expect(await codeOf(d.setPin('111111', '000000'))).toBe('PIN_WRONG')
    await d.setPin('111111', '735194')
    expect(d.isOpen(token)).toBe(false)
    expect(await codeOf(d.open('735194'))).toBe('PIN_WRONG')
    await d.open('111111')
  })

  test('locks out after five wrong ones, longer each time, across restarts', async () => {
    let d = door()
    await d.setPin('735194')
    for (let tries = 0; tries < 4; tries++) expect(await codeOf(d.open('000000'))).toBe('PIN_WRONG')
    expect(await codeOf(d.open('000000'))).toBe('PIN_LOCKED')
    expect(await codeOf(d.open('735194'))).toBe('PIN_LOCKED')
    d = door()
    expect(d.state().lockedMs).toBe(60_000)
    expect(await codeOf(d.open('735194'))).toBe('PIN_LOCKED')
    clock += 60_001
    expect(await codeOf(d.open('000000'))).toBe('PIN_LOCKED')
    expect(d.state().lockedMs).toBe(120_000)
    clock += 120_001
    await d.open('735194')
    expect(await codeOf(d.open('000000'))).toBe('PIN_WRONG')
  })

  test('a try is on disk before its answer is known: pulling the plug gives none for free', async () => {
    await door().setPin('735194')
    const cut: Promise<string>[] = []
    for (let tries = 1; tries <= 5; tries++) {
      // The answer comes with a later turn of the event loop: until then only what was asked for has happened.
      cut.push(codeOf(door().open('000000')))
      for (let turn = 0; turn < 20; turn++) await null
      expect(JSON.parse(readFileSync(join(place, 'technician.json'), 'utf8'))).toMatchObject({ failures: tries })
    }
    const afterwards = door()
    expect(afterwards.state().lockedMs).toBe(60_000)
    expect(await codeOf(afterwards.open('735194'))).toBe('PIN_LOCKED')
    await Promise.all(cut)
  })

  test('guesses in parallel count one by one', async () => {
    const d = door()
    await d.setPin('735194')
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => codeOf(d.open(String(100000 + index)))))
    expect(answers.filter((code) => code === 'PIN_WRONG')).toHaveLength(4)
    expect(answers.filter((code) => code === 'PIN_LOCKED')).toHaveLength(4)
  })

  test.each([['while it runs', (d: Door) => d], ['before it starts', () => door()]])('a clock put back a day %s does not lock for longer than said', async (_when, again) => {
    let d = door()
    await d.setPin('735194')
    for (let tries = 0; tries < 5; tries++) await codeOf(d.open('000000'))
    clock -= 86_400_000
    d = again(d)
    expect(d.state().lockedMs).toBe(60_000)
    expect(await codeOf(d.open('735194'))).toBe('PIN_LOCKED')
    clock += 60_001
    expect(d.state().lockedMs).toBe(0)
    await d.open('735194')
  })

  test('a clock put back lets no session live on', async () => {
    const d = door()
    await d.setPin('735194')
    const { token } = await d.open('735194')
    clock -= 1000
    expect(d.isOpen(token)).toBe(true)
    clock -= 86_400_000
    expect([d.isLiving(token), d.isOpen(token)]).toEqual([false, false])
  })

  test.each([
    ['half a file', '{"salt":"'],
    ['nothing', ''],
    ['another file', '{"salt":"AAAA"}'],
    ['a lock for ever', JSON.stringify({ salt: 'AAAA', hash: `${'A'.repeat(43)}=`, failures: 0, lockedAt: 0, lockedMs: 1e15 })],
  ])('%s where the PIN was kept lets nobody in and nobody set another', async (_what, text) => {
    await door().setPin('735194')
    writeFileSync(join(place, 'technician.json'), text)
    const d = door()
    expect(d.state()).toEqual({ pinSet: true, lockedMs: 0 })
    expect(await codeOf(d.open('735194'))).toBe('PIN_UNREADABLE')
    expect(await codeOf(d.setPin('111111'))).toBe('PIN_UNREADABLE')
    rmSync(join(place, 'technician.json'))
    await door().setPin('111111')
  })

  test('a file that is deleted resets the PIN of a terminal that runs, and ends its sessions; a disk that is gone does not', async () => {
    const d = door()
    await d.setPin('735194')
    const { token } = await d.open('735194')
    rmSync(join(place, 'technician.json'))
    expect(d.isOpen(token)).toBe(false)
    expect(d.state()).toEqual({ pinSet: false, lockedMs: 0 })
    await d.setPin('111111')
    await d.open('111111')
    rmSync(place, { recursive: true })
    expect(d.state().pinSet).toBe(true)
  })

  test('a try that cannot be counted is none', async () => {
    const d = door()
    await d.setPin('735194')
    rmSync(place, { recursive: true })
    expect(await codeOf(d.open('735194'))).toBe('AUDIT_NOT_WRITABLE')
  })
})

describe('the audit log', () => {
  const file = () => join(place, 'audit.jsonl')
  test('that grows while somebody else looks at it is whole', () => {
    audit.write('technician', 'door.opened')
    let written = 0
    const digestWhileWritten = (text: string) => {
      if (++written <= 2) audit.write('technician', 'door.closed')
      return digest(text)
    }
    expect(verifyAudit(file(), digestWhileWritten)).toMatchObject({ ok: true })
  })

  const fill = () => {
    audit.write('technician', 'door.opened')
    audit.write('technician', 'report.retried', { report: 'r1' })
    audit.write('technician', 'door.closed')
  }

  test('is verified in short turns: other work goes on beside it, and who asks again waits for the same answer', async () => {
    for (let count = 0; count < 100; count++) audit.write('technician', 'device.lent', { device: 'a' })
    let turns = 0
    let done = false
    const count = () => void (turns++, done || setImmediate(count))
    setImmediate(count)
    const [first, second] = [audit.verifyInTurns(), audit.verifyInTurns()]
    expect(second).toBe(first)
    expect(await first).toEqual({ ok: true, entries: 100 })
    done = true
    expect(turns).toBeGreaterThanOrEqual(4)
    const text = readFileSync(join(place, 'audit.jsonl'), 'utf8')
    writeFileSync(join(place, 'audit.jsonl'), text.replace('"seq":60', '"seq":61'))
    expect(await audit.verifyInTurns()).toMatchObject({ ok: false, line: 60 })
    expect(await audit.verifyInTurns()).toEqual(audit.verify())
  })

  test('is whole across restarts', () => {
    fill()
    audit.close()
    audit = openAuditLog({ file: file(), digest, now })
    audit.write('technician', 'door.opened')
    expect(audit.verify()).toEqual({ ok: true, entries: 4 })
    expect(audit.latest(2).map(({ seq, what }) => [seq, what])).toEqual([[3, 'door.closed'], [4, 'door.opened']])
  })

  test.each([
    ['a changed word', (lines: string[]) => lines.with(1, lines[1]!.replace('"r1"', '"r2"')), 2],
    ['a deleted line', (lines: string[]) => lines.toSpliced(1, 1), 2],
    ['two lines swapped', (lines: string[]) => [lines[0]!, lines[2]!, lines[1]!], 2],
    ['rubbish', (lines: string[]) => lines.with(2, 'rubbish'), 3],
  ])('%s is told with its place', (_what, change, line) => {
    fill()
    const lines = readFileSync(file(), 'utf8').trimEnd().split('\n')
    writeFileSync(file(), `${change(lines).join('\n')}\n`)
    expect(verifyAudit(file(), digest)).toMatchObject({ ok: false, line })
  })

  test('a chain made anew under another key is found', () => {
    const other = createSealer(new Uint8Array(32).fill(4)).digest
    const forged = openAuditLog({ file: join(place, 'forged.jsonl'), digest: other, now })
    forged.write('technician', 'door.opened')
    expect(verifyAudit(join(place, 'forged.jsonl'), digest)).toMatchObject({ ok: false, line: 1 })
  })

  test('entries taken off the end are missed, and the gap shows for ever', () => {
    fill()
    audit.close()
    const lines = readFileSync(file(), 'utf8').trimEnd().split('\n')
    writeFileSync(file(), `${lines[0]}\n`)
    expect(verifyAudit(file(), digest)).toEqual({ ok: false, entries: 1, line: 2, reason: '末尾少了 2 条记录' })
    audit = openAuditLog({ file: file(), digest, now })
    audit.write('technician', 'door.opened')
    expect(audit.verify()).toMatchObject({ ok: false, line: 2, reason: expect.stringContaining('序号不连续') })
    rmSync(file())
    expect(verifyAudit(file(), digest)).toMatchObject({ ok: false, entries: 0, line: 1 })
    writeFileSync(file(), `${lines.join('\n')}\n`)
    rmSync(`${file()}.head`)
    expect(verifyAudit(file(), digest)).toMatchObject({ ok: false, reason: expect.stringContaining('audit.jsonl.head') })
  })

  test('an older log put back with its older head is noticed by the witness, and where', () => {
    let remembered: AuditHead | undefined
    const witness: AuditWitness = { read: () => remembered, write: (head) => void (remembered = head) }
    const reopen = () => (audit = openAuditLog({ file: file(), digest, witness, now }))
    audit.close()
    reopen()
    audit.write('technician', 'door.opened')
    const older = [file(), `${file()}.head`].map((path) => [path, readFileSync(path)] as const)
    const putBack = () => older.forEach(([path, bytes]) => writeFileSync(path, bytes))
    fill()
    expect(audit.verify()).toEqual({ ok: true, entries: 4 })
    audit.close()
    putBack()
    expect(verifyAudit(file(), digest)).toEqual({ ok: true, entries: 1 })
    const missing = { ok: false, entries: 1, line: 2, reason: '末尾少了 3 条记录（状态数据库记得第 4 条）' }
    expect(verifyAudit(file(), digest, remembered)).toEqual(missing)
    reopen()
    expect(audit.verify()).toEqual(missing)
    audit.write('technician', 'door.opened')
    expect(audit.verify()).toMatchObject({ ok: false, line: 2, reason: expect.stringContaining('序号不连续') })
    // Written on by a terminal without a witness, it is whole in itself, and another log.
    const seen = remembered!
    audit.close()
    putBack()
    audit = openAuditLog({ file: file(), digest, now })
    for (let n = 1; n < seen.seq; n++) audit.write('technician', 'device.lent', { n })
    expect(audit.verify()).toMatchObject({ ok: true })
    expect(verifyAudit(file(), digest, seen)).toMatchObject({ ok: false, line: seen.seq, reason: expect.stringContaining('另一份') })
  })

  test('a witness that lags behind is no alarm; one that has gone is told in the log itself', () => {
    let remembered: AuditHead | undefined
    const witness: AuditWitness = { read: () => remembered, write: (head) => void (remembered = head) }
    fill()
    expect(verifyAudit(file(), digest, { seq: 1, chain: JSON.parse(readFileSync(file(), 'utf8').split('\n')[0]!).chain })).toEqual({ ok: true, entries: 3 })
    audit.close()
    audit = openAuditLog({ file: file(), digest, witness, now })
    expect(audit.latest(1)).toMatchObject([{ seq: 4, who: 'maqiao', what: 'audit.unwitnessed' }])
    expect(remembered).toMatchObject({ seq: 4 })
    audit.close()
    audit = openAuditLog({ file: file(), digest, witness, now })
    expect(audit.verify()).toEqual({ ok: true, entries: 4 })
  })

  test('a head copied from a line of the log is none', () => {
    fill()
    audit.close()
    const [first] = readFileSync(file(), 'utf8').split('\n')
    writeFileSync(file(), `${first}\n`)
    const head = readFileSync(`${file()}.head`, 'utf8')
    writeFileSync(`${file()}.head`, head.replace(/^3 [0-9a-f]{64}/, `1 ${JSON.parse(first!).chain}`))
    audit = openAuditLog({ file: file(), digest, now })
    audit.write('technician', 'door.opened')
    writeFileSync(`${file()}.head`, head.replace(/^3 [0-9a-f]{64}/, `2 ${JSON.parse(readFileSync(file(), 'utf8').split('\n')[1]!).chain}`))
    expect(audit.verify()).toMatchObject({ ok: false, reason: expect.stringContaining('audit.jsonl.head') })
  })

  test('a last line cut by a power failure is dropped, the chain goes on', () => {
    fill()
    const head = readFileSync(`${file()}.head`, 'utf8')
    audit.write('technician', 'door.opened')
    audit.close()
    // The head is written after the line: a line that was cut has none.
    writeFileSync(`${file()}.head`, head)
    writeFileSync(file(), readFileSync(file(), 'utf8').slice(0, -20))
    audit = openAuditLog({ file: file(), digest, now })
    audit.write('technician', 'door.opened')
    expect(audit.verify()).toEqual({ ok: true, entries: 4 })
  })

  test('what cannot be written is told, and the chain stays whole', () => {
    fill()
    audit.close()
    expect(() => audit.write('technician', 'door.opened')).toThrow(expect.objectContaining({ code: 'AUDIT_NOT_WRITABLE', httpStatus: 507 }))
    audit = openAuditLog({ file: file(), digest, now })
    expect(audit.verify()).toEqual({ ok: true, entries: 3 })
  })
})
