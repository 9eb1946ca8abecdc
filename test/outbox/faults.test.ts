/** What can go wrong with a disk, a file or a neighbour, and that nothing acknowledged is lost by it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import { openDeadExport } from '../../src/outbox/dead-export.ts'
import { loadKey } from '../../src/outbox/key-file.ts'
import { createMemoryStore } from '../../src/outbox/memory-store.ts'
import { openDatabase } from '../../src/outbox/open-database.ts'
import type { Attempt, Delivery, Outbox, OutboxOptions } from '../../src/outbox/outbox.ts'
import { createSealer } from '../../src/outbox/sealer.ts'
import { createSqliteStore } from '../../src/outbox/sqlite-store.ts'
import type { Store } from '../../src/outbox/store.ts'

const KIND = 'ankang/message'
const PAGE = 4096
const key = randomBytes(32)
const error = { code: '10034', message: '次数已满', advice: '次日再试' }

let directory: string
let file: string
const cleanUp: (() => unknown)[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'outbox-faults-'))
  file = join(directory, 'outbox.db')
})
afterEach(async () => {
  vi.useRealTimers()
  for (const undo of cleanUp.splice(0).reverse()) await undo()
  rmSync(directory, { recursive: true })
})

function open(extra: Partial<OutboxOptions> & { openStore?: () => Store } = {}): Outbox {
  const outbox = createOutbox({
    file,
    sealer: createSealer(key),
    canSend: () => true,
    newRequestId: () => randomBytes(8).toString('hex'),
    retryFirstMs: 5,
    retryMaxMs: 20,
    send: async () => ({ kind: 'delivered' }),
    ...extra,
  })
  cleanUp.push(() => outbox.close(0))
  return outbox
}
const report = (n: number, text = '') => ({ kind: KIND, payload: { n, text }, key: `trade ${n}` })
const many = (count: number) => Array.from({ length: count }, (_, n) => report(n))
const until = (done: () => boolean, timeout = 30_000) => expect.poll(done, { timeout, interval: 5 }).toBe(true)
const code = (name: string) => expect.objectContaining({ name: 'OutboxError', code: name })

function overwrite(at: number, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, bytes, 0, bytes.length, at)
  closeSync(descriptor)
}

async function fillAndClose(count: number): Promise<string[]> {
  const outbox = open()
  const ids = outbox.enqueue(many(count))
  await outbox.close()
  return ids
}

test('a damaged header: the file is put aside and every report carried over', async () => {
  const ids = await fillAndClose(300)
  overwrite(0, randomBytes(100))
  const damaged = readFileSync(file)
  const outbox = open()
  const { setAside, pending, fault } = outbox.status()
  expect(fault).toBeNull()
  expect(setAside).toMatch(/outbox\.db\.damaged-\d{8}T\d{6}Z$/)
  expect(readFileSync(setAside!).equals(damaged)).toBe(true)
  expect(pending).toBe(300)
  expect(outbox.reports().map((each) => each.id)).toEqual(ids)
  expect(outbox.enqueue([report(7)])).toEqual([ids[7]])
  outbox.start()
  await until(() => outbox.status().pending === 0)
})

test('a damaged page: what the other pages hold is carried over and sent', async () => {
  await fillAndClose(400)
  const pages = readFileSync(file).length / PAGE
  // A leaf of the reports' own table: it is the one that holds most.
  const page = [...Array(pages).keys()].findLast((n) => n > 10 && readFileSync(file)[n * PAGE] === 0x0d)!
  overwrite(page * PAGE, randomBytes(PAGE))
  const sent = new Set<number>()
  const outbox = open({
    send: async ({ payload }) => {
      sent.add(payload['n'] as number)
      return { kind: 'delivered' }
    },
  })
  expect(existsSync(outbox.status().setAside!)).toBe(true)
  expect(outbox.status().pending).toBeGreaterThan(370)
  outbox.start()
  await until(() => outbox.status().pending === 0, 10_000)
  expect(sent.size).toBeGreaterThan(370)
})

test('each page damaged in turn: always a working outbox, and no report under another kind', async () => {
  const kinds = ['a/one', 'b/two', 'c/three']
  const first = open()
  first.enqueue(Array.from({ length: 60 }, (_, n) => ({ kind: kinds[n % 3]!, payload: { kind: kinds[n % 3] } })))
  await first.close()
  const whole = readFileSync(file)
  for (let page = 0; page < whole.length / PAGE; page++) {
    for (const name of readdirSync(directory)) rmSync(join(directory, name))
    writeFileSync(file, whole)
    overwrite(page * PAGE, randomBytes(PAGE))
    const wrong: unknown[] = []
    const outbox = open({
      send: async ({ kind, payload }) => (kind === payload['kind'] || wrong.push(kind), { kind: 'delivered' }),
      canSend: (kind) => kinds.includes(kind),
    })
    expect(outbox.status(), `page ${page}`).toMatchObject({ fault: null, setAside: expect.any(String) })
    outbox.enqueue([{ kind: kinds[2]!, payload: { kind: kinds[2] } }])
    outbox.start()
    await until(() => outbox.status().pending === 0)
    expect(outbox.status().dead, `page ${page}`).toBe(0)
    expect(wrong).toEqual([])
    await outbox.close()
  }
}, 30_000)

test.each([
  ['noise', () => writeFileSync(file, randomBytes(50_000))],
  ['a text', () => writeFileSync(file, 'not a database')],
  ['cut in half', () => truncateSync(file, Math.floor(readFileSync(file).length / 2 / PAGE) * PAGE)],
  ['the database of another program', () => (rmSync(file), new DatabaseSync(file).exec('CREATE TABLE x (a)'))],
])('a file that is %s is put aside and a new one begun', async (_, damage) => {
  await fillAndClose(50)
  damage()
  const outbox = open()
  expect(outbox.status()).toMatchObject({ fault: null, setAside: expect.stringContaining('.damaged-') })
  outbox.enqueue([report(1000)])
  await outbox.close()
  expect(open().status().setAside).toBeNull()
})

test('an empty file is a new database', () => {
  writeFileSync(file, '')
  expect(open().status()).toMatchObject({ fault: null, setAside: null })
})

test('a log whose database is gone is put aside, not played into another', async () => {
  const ids = await fillAndClose(5)
  expect(ids).toHaveLength(5)
  writeFileSync(`${file}-wal`, randomBytes(9000))
  rmSync(file)
  expect(open().status()).toMatchObject({ pending: 0, setAside: expect.stringContaining('.damaged-') })
})

test('a crash between putting aside and putting in place ends with the rebuilt file', async () => {
  await fillAndClose(5)
  const whole = readFileSync(file)
  rmSync(file)
  writeFileSync(`${file}.rebuilt`, whole)
  expect(open().status().pending).toBe(5)
})

test('damage found while running is repaired, and the call that found it succeeds', async () => {
  // Larger than what is checked at the start.
  const db = openDatabase(file)
  const store = createSqliteStore(db)
  const sealer = createSealer(key)
  const large = { n: 1, text: 'x'.repeat(60_000) }
  store.insert(
    Array.from({ length: 500 }, () => ({
      kind: KIND,
      group: null,
      key: null,
      seal: (id: string) => sealer.seal(Buffer.from(JSON.stringify(large)), `report ${id} ${KIND}`),
    })),
    Date.now(),
  )
  const root = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'known'").get()!['rootpage'] as number
  store.close()
  overwrite((root - 1) * PAGE, randomBytes(PAGE))
  const outbox = open()
  expect(outbox.status()).toMatchObject({ pending: 500, setAside: null })
  expect(outbox.enqueue([report(1)])).toHaveLength(1)
  expect(outbox.status()).toMatchObject({ pending: 501, fault: null, setAside: expect.any(String) })
}, 30_000)

test('a payload that was changed is dead, and the next goes on', async () => {
  const store = createMemoryStore()
  const outbox = open({ openStore: () => store })
  const [first] = outbox.enqueue(many(2))
  const { payload } = store.get(first!)!
  payload[payload.length - 1]! ^= 1
  store.replacePayload(first!, payload)
  outbox.start()
  await until(() => outbox.status().pending === 0)
  expect(outbox.reports()).toMatchObject([{ id: first, state: 'dead', lastError: { code: 'OUTBOX_DAMAGED' } }])
})

test('a database from a newer version is left as it is', async () => {
  await fillAndClose(3)
  const raw = new DatabaseSync(file)
  raw.exec('PRAGMA user_version = 2; PRAGMA journal_mode = DELETE')
  raw.close()
  const digest = () => createHash('sha256').update(readFileSync(file)).digest('hex')
  const before = digest()
  const outbox = open()
  expect(outbox.status()).toMatchObject({ fault: { code: 'OUTBOX_NEWER' }, setAside: null })
  expect(() => outbox.enqueue([report(9)])).toThrow(code('OUTBOX_NEWER'))
  await outbox.close()
  expect(digest()).toBe(before)
  expect(readdirSync(directory).filter((name) => /damaged|wal/.test(name))).toEqual([])
})

test('another key: nothing is stored, nothing set aside, and the right key finds everything', async () => {
  await fillAndClose(3)
  const outbox = open({ sealer: createSealer(randomBytes(32)) })
  expect(outbox.status()).toMatchObject({ fault: { code: 'OUTBOX_KEY' }, setAside: null })
  expect(() => outbox.enqueue([report(9)])).toThrow(code('OUTBOX_KEY'))
  await outbox.close()
  expect(open().status()).toMatchObject({ pending: 3, fault: null })
})

test('a second process is refused by the holder’s process id, until the holder is killed', async () => {
  loadKey(directory)
  // A platform that nobody plays: what the process stores stays.
  const site = { terminal: { id: 'W01', mode: 'window', cityNo: '', medicalStep: '010105', channel: '0100' }, hospital: { id: '10086' } }
  const given = JSON.stringify({ settings: { baseUrl: 'http://127.0.0.1:9', appId: 'a', appSecret: 's' }, site, card: 'x' })
  const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-child.ts'), directory, given, '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  cleanUp.push(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const second = () => open({ sealer: createSealer(loadKey(directory)) })
  expect(second).toThrow(expect.objectContaining({ code: 'OUTBOX_IN_USE', message: expect.stringContaining(String(child.pid)) }))
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(second().status().pending).toBeGreaterThan(0)
}, 30_000)

test('the same process cannot open it twice either', () => {
  open()
  expect(() => open()).toThrow(code('OUTBOX_IN_USE'))
})

test('no room (max_page_count): storing fails with its code, recovers by itself, loses nothing acknowledged', async () => {
  let database!: DatabaseSync
  const outbox = open({
    openStore() {
      database = openDatabase(file)
      database.exec('PRAGMA max_page_count = 60')
      return createSqliteStore(database)
    },
  })
  const acknowledged: string[] = []
  expect(() => {
    for (let n = 0; n < 5000; n++) acknowledged.push(...outbox.enqueue([report(n)]))
  }).toThrow(code('OUTBOX_DISK_FULL'))
  expect(acknowledged.length).toBeGreaterThan(20)
  expect(outbox.status()).toMatchObject({ fault: { code: 'OUTBOX_DISK_FULL' }, pending: acknowledged.length })
  database.exec('PRAGMA max_page_count = 6000')
  await until(() => outbox.status().fault === null)
  outbox.start()
  await until(() => outbox.status().pending === 0)
  expect(outbox.enqueue([report(0)])).toEqual([acknowledged[0]])
}, 20_000)

const canMount = process.getuid?.() === 0 && tryMount()
function tryMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'outbox-mount-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', probe]).status === 0
  if (mounted) spawnSync('umount', [probe])
  rmSync(probe, { recursive: true })
  return mounted
}
function mountSmall(): string {
  const place = join(directory, 'small')
  mkdirSync(place)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', place])
  cleanUp.push(() => execFileSync('umount', ['-l', place]))
  return place
}

test.skipIf(!canMount)('a full disk (a tmpfs of 8 MB; needs root): as above, and sending goes on when there is room', async () => {
  const place = mountSmall()
  file = join(place, 'outbox.db')
  const sent = new Set<number>()
  const outbox = open({
    send: async ({ payload }) => {
      sent.add(payload['n'] as number)
      return { kind: 'delivered' }
    },
  })
  const ballast = join(place, 'ballast')
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k'])
  let acknowledged = 0
  expect(() => {
    for (; acknowledged < 20_000; acknowledged++) outbox.enqueue([report(acknowledged, 'x'.repeat(1000))])
  }).toThrow(code('OUTBOX_DISK_FULL'))
  expect(acknowledged).toBeGreaterThan(0)
  expect(outbox.status()).toMatchObject({ fault: { code: 'OUTBOX_DISK_FULL' }, pending: acknowledged })
  rmSync(ballast)
  await until(() => outbox.status().fault === null)
  outbox.enqueue([report(acknowledged)])
  await outbox.close()
  const again = open({ send: async ({ payload }) => (sent.add(payload['n'] as number), { kind: 'delivered' }) })
  expect(again.status().pending).toBe(acknowledged + 1)
  again.start()
  await until(() => again.status().pending === 0, 20_000)
  expect(sent.size).toBe(acknowledged + 1)
}, 60_000)

test.skipIf(!canMount)('a disk that is read-only (a tmpfs; needs root) at the start: fault, and recovery when it is not', async () => {
  const place = mountSmall()
  file = join(place, 'outbox.db')
  await fillAndClose(3)
  execFileSync('mount', ['-o', 'remount,ro', place])
  const outbox = open()
  expect(outbox.status().fault).toMatchObject({ code: 'OUTBOX_READ_ONLY' })
  expect(() => outbox.enqueue([report(9)])).toThrow(code('OUTBOX_READ_ONLY'))
  execFileSync('mount', ['-o', 'remount,rw', place])
  await until(() => outbox.status().fault === null)
  expect(outbox.status().pending).toBe(3)
}, 20_000)

test('a disk that turns read-only while running (query_only): fault, then recovery', async () => {
  let readOnly = false
  const outbox = open({
    openStore() {
      const db = openDatabase(file)
      const store = createSqliteStore(db)
      return { ...store, insert: (...given) => (db.exec(`PRAGMA query_only = ${readOnly}`), store.insert(...given)), probe: () => (db.exec(`PRAGMA query_only = ${readOnly}`), store.probe()) }
    },
  })
  outbox.enqueue([report(1)])
  readOnly = true
  expect(() => outbox.enqueue([report(2)])).toThrow(code('OUTBOX_READ_ONLY'))
  expect(outbox.status()).toMatchObject({ fault: { code: 'OUTBOX_READ_ONLY' }, pending: 1 })
  readOnly = false
  await until(() => outbox.status().fault === null)
  outbox.enqueue([report(2)])
  expect(outbox.status().pending).toBe(2)
})

test('an end that cannot be written is written later, and the report not sent again', async () => {
  const memory = createMemoryStore()
  let full = false
  let sends = 0
  const noRoom = () => {
    if (full) throw Object.assign(new Error('full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 })
  }
  const outbox = open({
    openStore: () => ({ ...memory, settle: (...given) => (noRoom(), memory.settle(...given)), probe: noRoom }),
    send: async () => {
      sends++
      full = true
      return { kind: 'delivered' }
    },
  })
  outbox.enqueue([report(1)])
  outbox.start()
  await until(() => outbox.status().fault?.code === 'OUTBOX_DISK_FULL')
  full = false
  await until(() => outbox.status().pending === 0)
  expect(sends).toBe(1)
})

test.each<[string, Delivery]>([
  ['until a moment', { kind: 'pause', until: Date.now() + 3_600_000, error }],
  ['growing', { kind: 'pause', until: 'grow', error }],
])('a pause (%s) outlives a restart', async (_, delivery) => {
  const outbox = open({ send: async () => delivery })
  outbox.enqueue(many(2))
  outbox.start()
  await until(() => outbox.status().lanes[0]?.pausedUntil != null)
  const { pausedUntil } = outbox.status().lanes[0]!
  await outbox.close()
  let sends = 0
  const again = open({ send: async () => (sends++, { kind: 'delivered' }) })
  again.start()
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(again.status().lanes[0]).toMatchObject({ reason: { code: '10034' }, pending: 2 })
  expect(Math.abs(Date.parse(again.status().lanes[0]!.pausedUntil!) - Date.parse(pausedUntil!))).toBeLessThan(1000)
  expect(sends).toBe(0)
})

test('an attempt that was in flight at the end is repeated under its id after a restart', async () => {
  const seen: { requestId: string; repeated: boolean }[] = []
  const begun = (attempt: Attempt) => ({ requestId: attempt.begin(), repeated: attempt.open !== null })
  const outbox = open({ send: (_, attempt) => (seen.push(begun(attempt)), new Promise(() => {})) })
  outbox.enqueue([report(1)])
  outbox.start()
  await until(() => seen.length === 1)
  await outbox.close(10)
  const again = open({ send: async (_, attempt) => (seen.push(begun(attempt)), { kind: 'delivered' }) })
  again.start()
  await until(() => again.status().pending === 0)
  expect(seen[1]).toMatchObject({ requestId: seen[0]!.requestId, repeated: true })
})

test('reports of a kind that settings no longer name wait, and go when they do again', async () => {
  await fillAndClose(2)
  const without = open({ canSend: () => false })
  without.start()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(without.reports().map((each) => each.state)).toEqual(['waiting', 'waiting'])
  await without.close()
  const back = open()
  back.start()
  await until(() => back.status().pending === 0)
})

test('after a night of sleep (clock 8 h on, timers not) a lane goes on within a minute', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  let clock = 1_800_000_000_000
  let sends = 0
  const outbox = open({
    openStore: createMemoryStore,
    now: () => clock,
    retryFirstMs: 600_000,
    retryMaxMs: 600_000,
    send: async () => (++sends === 1 ? { kind: 'retry', answered: false, error } : { kind: 'delivered' }),
  })
  const turns = async () => {
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve))
  }
  outbox.enqueue([report(1)])
  outbox.start()
  await turns()
  expect(sends).toBe(1)
  clock += 8 * 3_600_000
  vi.advanceTimersByTime(60_000)
  await turns()
  expect(sends).toBe(2)
})

test('no identity is readable in any file, and a delivered payload is erased', async () => {
  const secret = '340102198810220017'
  const outbox = open()
  outbox.enqueue([{ kind: KIND, payload: { name: '王小明', idcardNo: secret }, key: `trade-${secret}`, group: `visit-${secret}` }])
  const raw = new DatabaseSync(join(directory, 'probe.db'))
  raw.close()
  const bytes = () => readdirSync(directory).map((name) => readFileSync(join(directory, name)))
  for (const text of [secret, '王小明', 'trade-', 'visit-']) expect(bytes().some((each) => each.includes(text)), text).toBe(false)
  const log = readFileSync(`${file}-wal`)
  // The sealed payload as it stands in the log: format 1 and the key's id.
  const header = Buffer.from(createSealer(key).seal(Buffer.of(), '')).subarray(0, 5)
  const sealedAt = log.lastIndexOf(header)
  const sealed = log.subarray(sealedAt, sealedAt + 40)
  expect(sealedAt).toBeGreaterThan(0)
  expect(bytes().some((each) => each.includes(sealed))).toBe(true)
  outbox.start()
  await until(() => outbox.status().pending === 0)
  await until(() => !bytes().some((each) => each.includes(sealed)), 8000)
}, 20_000)

test('a dead report stays for ever unless a technician says so; then nothing of it stays in any file', async () => {
  const outbox = open({ send: async () => ({ kind: 'refused', error }) })
  const [first, second] = outbox.enqueue(many(2))
  outbox.start()
  await until(() => outbox.status().dead === 2)
  await outbox.close()
  const bytes = () => readdirSync(directory).map((name) => readFileSync(join(directory, name)))
  const whole = new DatabaseSync(file, { readOnly: true })
  const sealed = Buffer.from(whole.prepare('SELECT payload FROM report WHERE n = ?').get(Number.parseInt(first!, 16))!['payload'] as Uint8Array).subarray(0, 60)
  whole.close()
  expect(bytes().some((each) => each.includes(sealed))).toBe(true)
  const again = open({ receiptMs: 0 })
  again.start()
  expect(again.removeDead(first!)).toBe(true)
  expect(again.removeDead(first!)).toBe(false)
  expect(again.reports()).toMatchObject([{ id: second, state: 'dead' }])
  expect(again.status()).toMatchObject({ pending: 0, dead: 1 })
  await until(() => !bytes().some((each) => each.includes(sealed)))
  expect(again.enqueue([report(0)])).toEqual([first])
  expect(again.status().pending).toBe(0)
})

test('receipts that are too old are forgotten a minute after the start, newer ones kept', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  const memory = createMemoryStore()
  let clock = 1_800_000_000_000
  const outbox = open({ openStore: () => memory, now: () => clock, receiptMs: 40 * 86_400_000 })
  const turns = async () => {
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve))
  }
  outbox.enqueue([report(1)])
  outbox.start()
  await turns()
  clock += 30 * 86_400_000
  outbox.enqueue([report(2)])
  await turns()
  clock += 20 * 86_400_000
  expect(outbox.delivered(0)).toEqual({ [KIND]: 2 })
  vi.advanceTimersByTime(60_000)
  await turns()
  expect(outbox.delivered(0)).toEqual({ [KIND]: 1 })
  clock += 30 * 86_400_000
  vi.advanceTimersByTime(6 * 3_600_000)
  await turns()
  expect(outbox.delivered(0)).toEqual({})
})

test('dead reports leave as a sealed file that only the passphrase opens', async () => {
  const outbox = open({ send: async () => ({ kind: 'refused', error }) })
  const ids = outbox.enqueue(many(3))
  outbox.start()
  await until(() => outbox.status().dead === 3)
  const exported = await outbox.exportDead('一个足够长的口令')
  expect(Buffer.from(exported).includes('trade')).toBe(false)
  expect(await openDeadExport(exported, '一个足够长的口令')).toMatchObject([
    { id: ids[0], kind: KIND, attempts: 1, lastError: { code: '10034' }, payload: { n: 0 } },
    { id: ids[1] },
    { id: ids[2] },
  ])
  await expect(openDeadExport(exported, '另一个足够长的口令')).rejects.toThrow()
  await expect(outbox.exportDead('short')).rejects.toThrow(RangeError)
  expect(outbox.status().dead).toBe(3)
})

test('a rotation that a crash cut short goes on at the next start', async () => {
  await fillAndClose(120)
  const newer = randomBytes(32)
  const outbox = open({ sealer: createSealer(newer, [key]) })
  const logged: string[] = []
  await outbox.close()
  const again = open({ sealer: createSealer(newer, [key]), log: (event) => logged.push(event) })
  await until(() => logged.includes('outbox.resealed'))
  await again.close()
  const after = open({ sealer: createSealer(newer) })
  expect(after.status()).toMatchObject({ pending: 120, fault: null })
  after.start()
  await until(() => after.status().pending === 0)
  expect(after.status().dead).toBe(0)
})
