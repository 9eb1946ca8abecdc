/** One numbering for outcomes and events: a number from either leads on in both. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { sampleText, startTestTerminal, TOKEN, until, type TestTerminal } from '../support/terminal.ts'

let t: TestTerminal
afterEach(() => t.close())

type Event = { type: string; seq: number; data: { id: string; seq: number } }
async function eventsAfter(after: number, enough: (events: Event[]) => boolean): Promise<Event[]> {
  const events: Event[] = []
  const socket = new WebSocket(`${t.terminal.ready.api.replace('http', 'ws')}/api/v1/events?after=${after}`, ['maqiao.v1', `bearer.${TOKEN}`])
  socket.on('message', (data: Buffer) => events.push(JSON.parse(data.toString()) as Event))
  try {
    await until(() => enough(events))
  } finally {
    socket.terminate()
  }
  return events
}
const outcomesAfter = async (query: string) => (await t.request('GET', `/api/v1/outcomes?${query}`)) as { status: number; body: { outcomes: { id: string; seq: number }[]; error: { code: string } } }
const scan = () => t.scan(sampleText(t.simulator, 'card-static'))

test('an outcome has the number of its event, and after means the same on both', async () => {
  t = await startTestTerminal()
  const [first, second] = [await scan(), await scan()]
  const events = (await eventsAfter(0, (heard) => heard.filter(({ type }) => type === 'outcome').length === 2)).filter(({ type }) => type === 'outcome')
  expect(events.map(({ seq, data }) => [seq, data.seq, data.id])).toEqual([first, second].map(({ seq, id }) => [seq, seq, id]))
  expect((await outcomesAfter(`after=${first.seq}`)).body.outcomes.map(({ id }) => id)).toEqual([second.id])
  const later = await eventsAfter(first.seq, (heard) => heard.some(({ type }) => type === 'outcome'))
  expect(later.filter(({ type }) => type === 'outcome').map(({ data }) => data.id)).toEqual([second.id])
})

test('a number that was never given out is told, on both', async () => {
  t = await startTestTerminal()
  const { seq } = await scan()
  const beyond = await outcomesAfter(`after=${seq + 1_000_000}`)
  expect([beyond.status, beyond.body.error.code]).toEqual([400, 'SEQ_UNKNOWN'])
  const refused = await new Promise<string>((resolve) => {
    const socket = new WebSocket(`${t.terminal.ready.api.replace('http', 'ws')}/api/v1/events?after=${seq + 1_000_000}`, ['maqiao.v1', `bearer.${TOKEN}`])
    socket.on('error', (error) => resolve(error.message))
    socket.on('open', () => resolve('open'))
  })
  expect(refused).toContain('400')
  expect((await outcomesAfter(`after=${seq}`)).body.outcomes).toEqual([])
})

test('the newest are given oldest first', async () => {
  t = await startTestTerminal()
  const all = [await scan(), await scan(), await scan()]
  expect((await outcomesAfter('newest=2')).body.outcomes.map(({ id }) => id)).toEqual(all.slice(1).map(({ id }) => id))
  expect((await outcomesAfter('newest=0')).status).toBe(400)
})

test('a directory with two numberings goes on beyond both', async () => {
  t = await startTestTerminal()
  const before = await scan()
  await t.terminal.stop()
  const db = new DatabaseSync(join(t.dataDir, 'state.db'))
  db.exec(`INSERT OR REPLACE INTO numbers VALUES ('outcome', 7000), ('outcome.closed', 6500)`)
  db.close()
  await t.restart()
  const after = await scan()
  expect(after.seq).toBeGreaterThan(7000)
  expect((await outcomesAfter('after=0')).body.outcomes.map(({ id }) => id)).toEqual([before.id, after.id])
})
