/** A platform gives the hospital another secret while reports wait: nothing that waits is lost, nothing is sent twice. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ACCOUNTS } from '../../src/simulator/demo-settings.ts'
import { sampleText, startTestTerminal, until, type TestTerminal } from '../support/terminal.ts'

const RESULT = { tradeNo: 'GH1', tradeState: '1', msg: '挂号成功', medicalStep: '010105' }
const account = ACCOUNTS.healthCard as { appSecret: string }
const OLD = account.appSecret
const NEW = 'the-secret-that-the-platform-gave-anew'

async function waiting(): Promise<{ t: TestTerminal; back: () => Promise<void>; id: string }> {
  const t = await startTestTerminal()
  onTestFinished(async () => {
    account.appSecret = OLD
    await t.close()
  })
  const card = await t.scan(sampleText(t.simulator, 'card-static'))
  const back = await t.simulator.outage()
  const { body } = await t.request('POST', `/api/v1/outcomes/${card.id}/result`, RESULT)
  return { t, back, id: body.reports[0] }
}

async function changeSettings(t: TestTerminal): Promise<void> {
  await t.terminal.stop()
  const file = join(t.dataDir, 'settings.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace(OLD, NEW))
  await t.restart()
}
const uses = (t: TestTerminal) => t.simulator.books()['health-card']?.['uses']
const reports = async (t: TestTerminal) => (await t.request('GET', '/api/v1/outbox')).body.reports as { id: string; state: string; lastError: { code: string } | null }[]

test('changed at both before the report is sent: it goes out under the new one', async () => {
  const { t, back, id } = await waiting()
  account.appSecret = NEW
  await changeSettings(t)
  expect(await reports(t)).toMatchObject([{ id }])
  await back()
  await until(() => reports(t), (left) => left.length === 0)
  expect(uses(t)).toHaveLength(1)
})

test('changed at the platform first: the report is refused, kept, and sent once the terminal has the new one', async () => {
  const { t, back, id } = await waiting()
  account.appSecret = NEW
  await back()
  const [refused] = await until(() => reports(t), (left) => left[0]?.lastError?.code === '21006')
  expect(refused?.id).toBe(id)
  expect(uses(t)).toHaveLength(0)
  await changeSettings(t)
  // By itself: that a secret was changed is no fault of the report.
  await until(() => reports(t), (left) => left.length === 0)
  expect(uses(t)).toHaveLength(1)
})
