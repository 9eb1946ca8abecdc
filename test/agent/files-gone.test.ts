/** Files of the data directory that a cleaning tool removes, moves or replaces under a running terminal. */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { sampleText, startTestTerminal, until, type TestTerminal } from '../support/terminal.ts'

let t: TestTerminal
afterEach(() => t.close())

const result = (tradeNo: string) => ({ tradeNo, tradeState: '1', msg: '收费成功', medicalStep: '010105', department: tradeNo })

/** A terminal whose platform does not answer, with one report that waits. */
async function withOneWaiting() {
  t = await startTestTerminal()
  const card = await t.scan(sampleText(t.simulator, 'card-static'))
  const back = await t.simulator.outage()
  const post = (tradeNo: string) => t.request('POST', `/api/v1/outcomes/${card.id}/result`, result(tradeNo))
  expect((await post('BEFORE')).status).toBe(202)
  return { card, back, post }
}

const counted = () => (t.simulator.books()['health-card']?.['uses'] as { by: string; req: { department: string } }[])
  .filter(({ by }) => by === 'reportHISData').map(({ req }) => req.department)

const at = (name: string) => join(t.dataDir, name)
const remove = (...names: string[]) => names.forEach((name) => rmSync(at(name), { force: true }))
const WAYS: Record<string, () => void> = {
  'outbox.db removed': () => remove('outbox.db'),
  'its log removed': () => remove('outbox.db-wal'),
  'its lock removed': () => remove('outbox.db.lock'),
  'all of the outbox removed': () => remove('outbox.db', 'outbox.db-wal', 'outbox.db.lock'),
  'outbox.db renamed': () => renameSync(at('outbox.db'), at('outbox.old')),
  'outbox.db replaced by an empty file': () => {
    remove('outbox.db')
    writeFileSync(at('outbox.db'), '')
  },
  'outbox.db emptied where it lies': () => truncateSync(at('outbox.db')),
  'outbox.db replaced by a copy of itself': () => {
    cpSync(at('outbox.db'), at('copy'))
    renameSync(at('copy'), at('outbox.db'))
  },
  'the key removed': () => remove('outbox.key'),
  'the key replaced by another': () => {
    remove('outbox.key')
    writeFileSync(at('outbox.key'), `${'ab'.repeat(32)}\n`)
  },
  'the key replaced by rubbish': () => {
    remove('outbox.key')
    writeFileSync(at('outbox.key'), 'rubbish')
  },
  'the installation’s secret removed': () => remove('installation.secret'),
  'every file removed': () => {
    for (const name of readdirSync(t.dataDir)) if (name !== 'settings.json') rmSync(at(name), { recursive: true })
  },
  'the directory renamed': () => {
    renameSync(t.dataDir, `${t.dataDir}.moved`)
    mkdirSync(t.dataDir)
    renameSync(join(`${t.dataDir}.moved`, 'settings.json'), at('settings.json'))
    rmSync(`${t.dataDir}.moved`, { recursive: true })
  },
}

describe('files of the outbox that are gone', () => {
  test.each(Object.entries(WAYS))('%s: 507 once, staff are told, nothing acknowledged is lost by a restart', async (_, vanish) => {
    const { back, post, card } = await withOneWaiting()
    vanish()
    const answers: { status: number; body: { error?: { code: string } } }[] = []
    // An attempt of the lane may notice it first; then the files are whole again when the result comes.
    for (const tradeNo of ['A', 'B']) answers.push(await until(() => post(tradeNo), (answer) => (answers.push(answer), answer.status === 202)))
    for (const { status, body } of answers) expect([202, 507]).toContain(status), status === 507 && expect(body.error?.code).toBe('OUTBOX_FILES_GONE')
    expect(t.terminal.agent.notices().map(({ code }) => code)).toContain('DATA_FILES_GONE')
    expect((await t.request('GET', '/api/v1/outbox')).body.pending).toBe(3)
    await t.restart()
    expect(t.terminal.agent.notices().map(({ code }) => code)).not.toContain('DATA_FILES_GONE')
    expect((await t.request('GET', '/api/v1/outbox')).body.pending).toBe(3)
    // Known again by its trade number, under the same ids.
    expect((await post('A')).body).toEqual(answers.filter(({ status }) => status === 202)[0]!.body)
    expect(t.terminal.agent.outcome(card.id).status).toBe('accepted')
    await back()
    await until(async () => (await t.request('GET', '/api/v1/outbox')).body.pending === 0)
    expect(counted()).toEqual(['BEFORE', 'A', 'B'])
  })

  test('a result that comes right after is answered 507 and not stored', async () => {
    const { post } = await withOneWaiting()
    const { outbox } = t.terminal.agent
    remove('outbox.db')
    expect(() => outbox.enqueue([{ kind: 'ankang/message', payload: {} }])).toThrow(expect.objectContaining({ code: 'OUTBOX_FILES_GONE' }))
    expect(outbox.status()).toMatchObject({ pending: 1, filesWereGone: true })
    expect(existsSync(at('outbox.db'))).toBe(true)
    expect((await post('A')).status).toBe(202)
  })

  test('an idle terminal notices by itself', async () => {
    t = await startTestTerminal()
    const card = await t.scan(sampleText(t.simulator, 'card-static'))
    await t.request('POST', `/api/v1/outcomes/${card.id}/result`, result('A'))
    await until(async () => (await t.request('GET', '/api/v1/outbox')).body.pending === 0)
    remove('outbox.db', 'outbox.key')
    await until(() => existsSync(at('outbox.db')) && existsSync(at('outbox.key')))
  })
})

const STATE_WAYS: Record<string, () => void> = {
  'state.db removed': () => remove('state.db'),
  'its log removed': () => remove('state.db-wal'),
  'its shared memory removed': () => remove('state.db-shm'),
  'all of it removed': () => remove('state.db', 'state.db-wal', 'state.db-shm'),
  'state.db renamed': () => renameSync(at('state.db'), at('state.old')),
  'state.db emptied where it lies': () => truncateSync(at('state.db')),
  'state.db replaced by an empty file': () => {
    remove('state.db')
    writeFileSync(at('state.db'), '')
  },
}

describe('files of the state database that are gone', () => {
  test.each(Object.entries(STATE_WAYS))('%s: outcomes before and after it outlive a restart', async (_, vanish) => {
    t = await startTestTerminal()
    const before = await t.scan(sampleText(t.simulator, 'card-static'))
    vanish()
    const after = await t.scan(sampleText(t.simulator, 'card-dynamic'))
    expect(t.terminal.agent.notices().map(({ code }) => code)).toContain('DATA_FILES_GONE')
    await t.restart()
    const { outcomes } = (await t.request('GET', '/api/v1/outcomes?after=0')).body
    expect(outcomes.map(({ id }: { id: string }) => id)).toEqual([before.id, after.id])
    expect((await t.request('POST', `/api/v1/outcomes/${before.id}/result`, result('A'))).status).toBe(202)
    expect((await t.scan(sampleText(t.simulator, 'card-static'))).seq).toBeGreaterThan(after.seq)
  })
})
