/** What is called durable is synced before it returns: seen in the system calls, as no cut of written bytes can show it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
const CALLS = 'trace=write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat'

describe.skipIf(!hasStrace)(`(${hasStrace ? 'with' : 'not run: needs'} strace) system calls`, () => {
  let directory: string
  let calls: string[]
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'outbox-durable-'))
    const trace = join(directory, 'trace')
    const child = join(import.meta.dirname, 'durable-child.ts')
    const ran = spawnSync('strace', ['-f', '-y', '-s', '200', '-e', CALLS, '-o', trace, process.execPath, child, directory], { encoding: 'utf8' })
    if (ran.status !== 0) throw new Error(ran.stderr.slice(-2000))
    calls = readFileSync(trace, 'utf8').split('\n')
  }, 120_000)
  afterAll(() => rmSync(directory, { recursive: true }))

  /** The calls between two lines of the child. */
  function during(name: string, until = `end ${name}`): string[] {
    const from = calls.findIndex((call) => call.includes(`"begin ${name}\\n"`))
    const to = calls.findIndex((call, index) => index > from && call.includes(`"${until}\\n"`))
    expect([from, to], name).not.toContain(-1)
    return calls.slice(from + 1, to)
  }
  const synced = (part: string[], path: RegExp) => part.findLastIndex((call) => /\bf(data)?sync\(\d+</.test(call) && path.test(/<([^>]*)>/.exec(call)?.[1] ?? ''))
  const lastWrite = (part: string[], path: RegExp) => part.findLastIndex((call) => /\b(write|pwrite64)\(\d+</.test(call) && path.test(/<([^>]*)>/.exec(call)?.[1] ?? ''))
  const renamed = (part: string[], to: string) => part.findIndex((call) => /\brename/.test(call) && call.includes(`/${to}"`))
  const folder = () => new RegExp(`^${directory}$`)

  test('a report is synced in the outbox’s log before its id is given', () => {
    expect(synced(during('enqueue'), /outbox\.db-wal$/)).toBeGreaterThanOrEqual(0)
  })

  test.each([['durable', 'small'], ['rotate', 'outbox.key']])('%s: the new file before it takes its place, the folder after', (name, file) => {
    const part = during(name)
    const place = renamed(part, file)
    expect(place).toBeGreaterThanOrEqual(0)
    expect(synced(part.slice(0, place), new RegExp(`/${file}\\.`))).toBeGreaterThanOrEqual(0)
    expect(synced(part.slice(place), folder())).toBeGreaterThanOrEqual(0)
  })

  test('an audited action after its line and the head of the log', () => {
    const part = during('audit')
    expect(synced(part, /audit\.jsonl$/)).toBeGreaterThan(lastWrite(part, /audit\.jsonl$/))
    expect(synced(part, /audit\.jsonl\.head\.new$/)).toBeGreaterThanOrEqual(0)
  })

  test('a closed month: its closing entry, the list of ends, the name and the folder, before the next entry', () => {
    const part = during('month')
    const [listed, named] = [renamed(part, 'audit.jsonl.months'), renamed(part, 'audit-2026-11.jsonl')]
    expect(synced(part.slice(0, listed), /audit\.jsonl$/)).toBeGreaterThan(lastWrite(part.slice(0, listed), /audit\.jsonl$/))
    expect(synced(part.slice(0, listed), /audit\.jsonl\.months\.new$/)).toBeGreaterThanOrEqual(0)
    expect(synced(part.slice(listed, named), folder())).toBeGreaterThanOrEqual(0)
    const next = part.findIndex((call, index) => index > named && /\b(write|pwrite64)\(\d+</.test(call) && /<[^>]*audit\.jsonl>/.test(call))
    expect(next).toBeGreaterThan(named)
    expect(synced(part.slice(named, next), folder())).toBeGreaterThanOrEqual(0)
  })

  test('a platform’s note, and a block of numbers before the first of them is given', () => {
    for (const name of ['note', 'number']) expect(synced(during(name), /state\.db-wal$/), name).toBeGreaterThanOrEqual(0)
  })

  test('a wrong PIN is counted before it is answered', () => {
    const part = during('pin', 'answered')
    expect(renamed(part, 'technician.json')).toBeGreaterThanOrEqual(0)
    expect(synced(part, /technician\.json\.new$/)).toBeGreaterThanOrEqual(0)
  })
})
