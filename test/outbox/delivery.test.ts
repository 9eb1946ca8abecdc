/** What the outbox promises of delivery, on both stores. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import { createMemoryStore } from '../../src/outbox/memory-store.ts'
import type { Attempt, Delivery, Outbox, OutboxOptions, ReportFault, StoredReport } from '../../src/outbox/outbox.ts'
import { createSealer } from '../../src/outbox/sealer.ts'

const KIND = 'health-card/reportHISData'
const fault = (code: string): ReportFault => ({ code, message: '平台说不', advice: '稍后' })
const retry = (code: string, answered: boolean, retryAfterMs?: number): Delivery => ({
  kind: 'retry',
  answered,
  error: fault(code),
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
})
const delivered: Delivery = { kind: 'delivered' }

type Sent = { report: StoredReport; attempt: Pick<Attempt, 'number' | 'open'> & { requestId: string; repeated: boolean } }

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

describe.each(['sqlite', 'memory'])('outbox on the %s store', (storeKind) => {
  const key = randomBytes(32)

  function directory(): string {
    const made = mkdtempSync(join(tmpdir(), 'outbox-'))
    cleanUp.push(() => rmSync(made, { recursive: true }))
    return made
  }

  /** An outbox whose sender answers from a script (the last answer for ever) and records what it was given. */
  function begin(
    script: (Delivery | Promise<Delivery> | 'throw')[],
    extra: Partial<OutboxOptions> & { openStore?: () => ReturnType<typeof createMemoryStore> } = {},
  ): { outbox: Outbox; sent: Sent[]; file: string } {
    const sent: Sent[] = []
    let number = 0
    const file = extra.file ?? join(directory(), 'outbox.db')
    const answers = [...script]
    const outbox = createOutbox({
      file,
      sealer: createSealer(key),
      canSend: () => true,
      newRequestId: () => `R${++number}-${Math.random()}`,
      retryFirstMs: 5,
      retryMaxMs: 20,
      send: async (report, attempt) => {
        const { number, open } = attempt
        sent.push({ report, attempt: { number, open, requestId: attempt.begin(`note ${number}`), repeated: open !== null } })
        const answer = answers.length > 1 ? answers.shift()! : answers[0]!
        if (answer === 'throw') throw new Error('defect')
        return answer
      },
      ...(storeKind === 'memory' ? { openStore: createMemoryStore } : {}),
      ...extra,
    })
    cleanUp.push(() => outbox.close(0))
    return { outbox, sent, file }
  }
  const report = (n: number, more: object = {}) => ({ kind: KIND, payload: { n }, ...more })
  const until = (done: () => boolean) => expect.poll(done, { timeout: 20_000, interval: 2 }).toBe(true)
  const numbers = (sent: readonly Sent[]) => sent.map((each) => each.report.payload['n'])
  const ids = (sent: readonly Sent[]) => sent.map((each) => each.attempt.requestId)

  test('sends what was stored before and after the start, oldest first', async () => {
    const { outbox, sent } = begin([delivered])
    const first = outbox.enqueue([report(1), report(2)])
    expect(outbox.status().pending).toBe(2)
    outbox.start()
    const third = outbox.enqueue([report(3)])
    await until(() => outbox.status().pending === 0)
    expect(numbers(sent)).toEqual([1, 2, 3])
    expect(sent.map((each) => each.report.id)).toEqual([...first, ...third])
    expect(outbox.delivered(0)).toEqual({ [KIND]: 3 })
  })

  test('21003 (answered), then success: the second attempt has another requestId and is no repetition', async () => {
    const { outbox, sent } = begin([retry('21003', true), delivered])
    outbox.enqueue([report(1)])
    outbox.start()
    await until(() => outbox.status().pending === 0)
    expect(sent).toHaveLength(2)
    expect(ids(sent)[0]).not.toBe(ids(sent)[1])
    expect(sent.map((each) => each.attempt.repeated)).toEqual([false, false])
    expect(sent.map((each) => each.attempt.number)).toEqual([1, 2])
  })

  test('time-out, then 10054: the same requestId, marked as repeated', async () => {
    const { outbox, sent } = begin([retry('NETWORK_TIMEOUT', false), delivered])
    outbox.enqueue([report(1)])
    outbox.start()
    await until(() => outbox.status().pending === 0)
    expect(ids(sent)[0]).toBe(ids(sent)[1])
    expect(sent.map((each) => each.attempt.repeated)).toEqual([false, true])
  })

  test('time-out, −1 (answered), success: kept once, then renewed', async () => {
    const { outbox, sent } = begin([retry('NETWORK_TIMEOUT', false), retry('-1', true), delivered])
    outbox.enqueue([report(1)])
    outbox.start()
    await until(() => outbox.status().pending === 0)
    const [a, b, c] = ids(sent)
    expect(a).toBe(b)
    expect(c).not.toBe(b)
    expect(sent.map((each) => each.attempt.repeated)).toEqual([false, true, false])
  })

  test('a sender that throws has had no answer', async () => {
    const { outbox, sent } = begin(['throw', delivered])
    outbox.enqueue([report(1)])
    outbox.start()
    await until(() => outbox.status().pending === 0)
    expect(ids(sent)[0]).toBe(ids(sent)[1])
  })

  test('the same key is the same report, before and after its delivery', async () => {
    const { outbox, sent } = begin([delivered])
    const [id] = outbox.enqueue([report(1, { key: 'T1' })])
    expect(outbox.enqueue([report(2, { key: 'T1' }), report(3, { key: 'T1' })])).toEqual([id, id])
    outbox.start()
    await until(() => outbox.status().pending === 0)
    expect(outbox.enqueue([report(1, { key: 'T1' })])).toEqual([id])
    expect(outbox.status().pending).toBe(0)
    expect(sent).toHaveLength(1)
  })

  test('a group keeps its order while others go on', async () => {
    const { outbox, sent } = begin([retry('X', true), delivered], { retryFirstMs: 700, retryMaxMs: 700 })
    outbox.enqueue([report(1, { group: 'visit' }), report(2, { group: 'visit' }), report(3), report(4, { group: 'other' })])
    outbox.start()
    await until(() => outbox.status().pending === 0)
    expect(numbers(sent)).toEqual([1, 3, 4, 1, 2])
  })

  test('a dead report lets the next of its group go on, and is tried again on a technician’s word', async () => {
    const { outbox, sent } = begin([{ kind: 'refused', error: fault('10001') }, delivered])
    const [id] = outbox.enqueue([report(1, { group: 'visit' }), report(2, { group: 'visit' })])
    outbox.start()
    await until(() => outbox.status().pending === 0)
    expect(outbox.status()).toMatchObject({ dead: 1 })
    expect(outbox.reports()).toMatchObject([{ id, state: 'dead', nextAttemptAt: null, lastError: { code: '10001' }, attempts: 1 }])
    expect(outbox.editReport(id!, { n: 9 })).toBe(true)
    expect(outbox.readReport(id!)?.payload).toEqual({ n: 9 })
    expect(outbox.retry(id!)).toBe(true)
    await until(() => outbox.status().dead === 0 && outbox.status().pending === 0)
    expect(numbers(sent)).toEqual([1, 2, 9])
    expect(ids(sent)[2]).not.toBe(ids(sent)[0])
    expect(outbox.retry(id!)).toBe(false)
    expect(outbox.retry('nonsense')).toBe(false)
    expect(outbox.editReport(id!, {})).toBe(false)
  })

  test('a clock put back a day does not make a rest after failures longer', async () => {
    let putBackMs = 0
    const { outbox, sent } = begin([...Array.from({ length: 5 }, () => retry('T', true, 200)), delivered], { now: () => Date.now() - putBackMs, retryMaxMs: 200 })
    outbox.enqueue([report(1)])
    outbox.start()
    await until(() => sent.length === 5)
    putBackMs = 86_400_000
    await until(() => outbox.status().pending === 0)
    expect(sent).toHaveLength(6)
  })

  test.each([['answered', retry('T', true, 60_000), true], ['unanswered', retry('T', false, 60_000), true], ['never sent', { ...retry('T', false, 60_000), sent: false } as Delivery, false]])('after an attempt that was %s it may be amended only if nothing was sent', async (_what, delivery, wasSent) => {
    const { outbox } = begin([delivery])
    const stored = outbox.enqueue([report(1)])
    outbox.start()
    await until(() => outbox.reports()[0]?.lastError?.code === 'T')
    expect(outbox.amend(stored, [report(2)])).toEqual(wasSent ? undefined : stored)
  })

  test('maxAttempts may be one', async () => {
    const { outbox, sent } = begin([retry('T', true), delivered], { maxAttempts: 1 })
    outbox.enqueue([report(1)])
    outbox.start()
    await until(() => outbox.status().dead === 1)
    expect(sent).toHaveLength(1)
  })

  test.each([[true, true], [false, false]])('a refusal at the gate (%s) leaves an unanswered requestId open: %s', async (atGate, isKept) => {
    const { outbox, sent } = begin([retry('NETWORK_TIMEOUT', false), { kind: 'refused', atGate, error: fault('10001') }, delivered])
    const [id] = outbox.enqueue([report(1)])
    outbox.start()
    await until(() => outbox.status().dead === 1)
    outbox.retry(id!)
    await until(() => outbox.status().pending === 0 && outbox.status().dead === 0)
    expect(sent.map(({ attempt }) => attempt.open?.refused)).toEqual([undefined, false, isKept ? true : undefined])
    expect(ids(sent)[2] === ids(sent)[0]).toBe(isKept)
  })

  test('maxAttempts ends in dead, and keeps an unanswered requestId for the technician’s retry', async () => {
    const { outbox, sent } = begin([retry('T', false), retry('T', false), delivered], { maxAttempts: 2 })
    const [id] = outbox.enqueue([report(1)])
    outbox.start()
    await until(() => outbox.status().dead === 1)
    outbox.retry(id!)
    await until(() => sent.length === 3)
    expect(new Set(ids(sent)).size).toBe(1)
    expect(sent[2]!.attempt.repeated).toBe(true)
  })

  test('a lane that nobody can send waits, and others do not', async () => {
    const { outbox, sent } = begin([delivered], { canSend: (kind) => kind !== 'gone/x' })
    outbox.enqueue([{ kind: 'gone/x', payload: {} }, report(1)])
    outbox.start()
    await until(() => outbox.status().pending === 1)
    expect(outbox.reports()).toMatchObject([{ kind: 'gone/x', state: 'waiting', nextAttemptAt: null }])
    expect(sent).toHaveLength(1)
  })

  test('a lane whose sender hangs does not hold up another', async () => {
    let release!: (delivery: Delivery) => void
    const hanging = new Promise<Delivery>((resolve) => (release = resolve))
    const { outbox, sent } = begin([delivered], {
      send: async (each) => (each.kind === 'slow/x' ? hanging : delivered),
    })
    outbox.enqueue([{ kind: 'slow/x', payload: {} }, report(1)])
    outbox.start()
    await until(() => outbox.status().pending === 1)
    release(delivered)
    await until(() => outbox.status().pending === 0)
    expect(sent).toHaveLength(0)
  })

  test('a pause rests the whole lane until its moment; a technician resumes it', async () => {
    const { outbox, sent } = begin([{ kind: 'pause', until: Date.now() + 3_600_000, error: fault('10034') }, delivered])
    outbox.enqueue([report(1), report(2)])
    outbox.start()
    await until(() => outbox.status().lanes[0]?.pausedUntil !== null)
    expect(outbox.status().lanes[0]).toMatchObject({ kind: KIND, pending: 2, reason: { code: '10034' } })
    expect(outbox.reports().map((each) => each.state)).toEqual(['paused', 'paused'])
    expect(sent).toHaveLength(1)
    outbox.resume(KIND)
    await until(() => outbox.status().pending === 0)
    expect(numbers(sent)).toEqual([1, 1, 2])
    expect(ids(sent)[0]).not.toBe(ids(sent)[1])
  })

  test('a technician’s retry goes past the pause of its lane, and lifts it where it is taken', async () => {
    const { outbox, sent } = begin([{ kind: 'pause', until: Date.now() + 3_600_000, error: fault('10034') }, delivered, delivered])
    const [, second] = outbox.enqueue([report(1), report(2)])
    outbox.start()
    await until(() => outbox.status().lanes[0]?.pausedUntil !== null)
    expect(outbox.retry(second!)).toBe(true)
    await until(() => outbox.status().pending === 0)
    expect(numbers(sent)).toEqual([1, 2, 1])
    expect(outbox.status().lanes[0]?.pausedUntil ?? null).toBeNull()
  })

  test('growing pauses double from a minute to an hour, and begin anew after a delivery', async () => {
    let clock = 1_800_000_000_000
    const grow: Delivery = { kind: 'pause', until: 'grow', error: fault('21007') }
    const { outbox, sent } = begin([...Array<Delivery>(8).fill(grow), delivered, grow], { now: () => clock })
    outbox.enqueue([report(1), report(2)])
    outbox.start()
    const lengths: number[] = []
    for (let n = 1; n <= 8; n++) {
      await until(() => sent.length === n && outbox.status().lanes[0]?.pausedUntil != null)
      const minutes = (Date.parse(outbox.status().lanes[0]!.pausedUntil!) - clock) / 60_000
      lengths.push(minutes)
      clock += minutes * 60_000
      outbox.enqueue([report(n + 2, { key: 'wakes the lane' })])
    }
    expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
    await until(() => sent.length === 10 && outbox.status().lanes[0]?.pausedUntil != null)
    expect(Date.parse(outbox.status().lanes[0]!.pausedUntil!) - clock).toBe(60_000)
  })

  test('retryAfterMs is obeyed', async () => {
    const { outbox, sent } = begin([retry('503', false, 150), delivered])
    outbox.enqueue([report(1)])
    outbox.start()
    await until(() => sent.length === 1)
    const at = performance.now()
    await until(() => sent.length === 2)
    expect(performance.now() - at).toBeGreaterThan(130)
  })

  test('after five failures in a row a lane sends only probes', async () => {
    const { outbox, sent } = begin([retry('T', false)], { retryFirstMs: 400, retryMaxMs: 400 })
    outbox.enqueue(Array.from({ length: 50 }, (_, n) => report(n)))
    outbox.start()
    await until(() => sent.length === 5)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(sent).toHaveLength(5)
    await until(() => sent.length === 6)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(sent).toHaveLength(6)
  })

  test.each([-86_400_000, 86_400_000])('a clock that jumps by %i ms parks nothing', async (jump) => {
    let shift = 0
    const { outbox, sent } = begin([retry('T', true), delivered], { now: () => Date.now() + shift })
    outbox.enqueue([report(1)])
    outbox.start()
    await until(() => sent.length === 1)
    shift = jump
    outbox.enqueue([report(2)])
    await until(() => outbox.status().pending === 0)
    expect(numbers(sent).toSorted()).toEqual([1, 1, 2])
  })

  test('a pause is no longer than it was when the clock is put back a day', async () => {
    let shift = 0
    const { outbox, sent } = begin([{ kind: 'pause', until: Date.now() + 200, error: fault('10034') }, delivered], {
      now: () => Date.now() + shift,
    })
    outbox.enqueue([report(1)])
    outbox.start()
    await until(() => sent.length === 1)
    shift = -86_400_000
    outbox.enqueue([report(2)])
    await until(() => outbox.status().pending === 0)
  })

  test('a pause that is over does not come back with a clock that is put back', async () => {
    let shift = 0
    const { outbox, sent } = begin([{ kind: 'pause', until: Date.now() + 50, error: fault('10034') }, delivered], {
      now: () => Date.now() + shift,
    })
    outbox.enqueue([report(1)])
    outbox.start()
    await until(() => outbox.status().pending === 0)
    shift = -86_400_000
    outbox.enqueue([report(2)])
    expect(outbox.status().lanes[0]?.pausedUntil).toBeNull()
    await until(() => outbox.status().pending === 0)
    expect(sent).toHaveLength(3)
  })

  test('a technician’s retry does not overtake an earlier report of its group', async () => {
    const { outbox, sent } = begin([{ kind: 'pause', until: Date.now() + 3_600_000, error: fault('10034') }, delivered])
    const [, second] = outbox.enqueue([report(1, { group: 'visit' }), report(2, { group: 'visit' })])
    outbox.start()
    await until(() => outbox.status().lanes[0]?.pausedUntil !== null)
    expect(outbox.retry(second!)).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(numbers(sent)).toEqual([1])
    outbox.resume(KIND)
    await until(() => outbox.status().pending === 0)
    expect(numbers(sent)).toEqual([1, 1, 2])
  })

  test('changes are announced', async () => {
    const { outbox } = begin([delivered])
    const seen: number[] = []
    const stop = outbox.onChange((status) => seen.push(status.pending))
    outbox.enqueue([report(1)])
    await until(() => seen.at(-1) === 1)
    outbox.start()
    await until(() => seen.at(-1) === 0)
    stop()
    const before = seen.length
    outbox.enqueue([report(2)])
    await until(() => outbox.status().pending === 0)
    expect(seen).toHaveLength(before)
  })

  test('closing waits for an attempt in flight, then aborts it', async () => {
    let aborted = false
    const { outbox } = begin([delivered], {
      send: (_, __, signal) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            aborted = true
            resolve(retry('ABORTED', false))
          }),
        ),
    })
    outbox.enqueue([report(1)])
    outbox.start()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const at = performance.now()
    await outbox.close(100)
    expect(aborted).toBe(true)
    expect(performance.now() - at).toBeLessThan(600)
    expect(() => outbox.enqueue([report(2)])).toThrow(expect.objectContaining({ code: 'OUTBOX_CLOSED' }))
  })

  test('a report that cannot be stored whole is not stored at all', () => {
    const { outbox } = begin([delivered])
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    expect(() => outbox.enqueue([report(1), { kind: KIND, payload: circular }])).toThrow(TypeError)
    expect(outbox.status().pending).toBe(0)
  })

  test('a rotated key loses nothing', async () => {
    const { outbox, sent } = begin([{ kind: 'refused', error: fault('1') }, delivered])
    const [id] = outbox.enqueue([report(1, { key: 'K' }), ...Array.from({ length: 120 }, (_, n) => report(n + 2))])
    const newer = randomBytes(32)
    await outbox.rekey(createSealer(newer, [key]))
    await outbox.rekey(createSealer(newer))
    expect(outbox.enqueue([report(1, { key: 'K' })])).toEqual([id])
    outbox.start()
    await until(() => outbox.status().pending === 0)
    expect(sent).toHaveLength(121)
  })
})
