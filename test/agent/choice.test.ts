import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleText, startTestTerminal, until, type TestTerminal } from '../support/terminal.ts'

let t: TestTerminal
beforeAll(async () => {
  t = await startTestTerminal()
})
afterAll(() => t.close())

const choose = (id: string, targetId: string) => t.request('POST', `/api/v1/outcomes/${id}/choice`, { targetId })

describe('a choice among the cards of a parent and a child', () => {
  test('names nobody before, and the owner of the chosen card after', async () => {
    const asked = await t.scan(sampleText(t.simulator, 'ankang-several'))
    const cards = asked.targets.filter(({ type }) => type.endsWith('002'))
    expect(cards.length).toBeGreaterThan(1)
    expect(asked.patient).toBeUndefined()

    const [own, childs] = cards
    const first = (await choose(asked.id, own!.id)).body
    const again = await t.scan(sampleText(t.simulator, 'ankang-several'))
    const second = (await choose(again.id, childs!.id)).body
    expect(first.patient.name).toBeTruthy()
    expect(second.patient.name).toBeTruthy()
    expect(second.patient.idNumber).not.toBe(first.patient.idNumber)

    const result = await t.request('POST', `/api/v1/outcomes/${again.id}/result`, { tradeNo: 'C1', tradeState: '1', msg: '挂号成功' })
    expect(result.status).toBe(202)
    await until(() => t.terminal.agent.outbox.status().pending === 0)
    const messages = t.simulator.books()['ankang']?.['messages'] as Record<string, unknown>[]
    expect(JSON.stringify(messages)).toContain(second.patient.idNumber)
    expect(JSON.stringify(messages)).not.toContain(first.patient.idNumber)
  })

  test('two clicks on one choice verify once', async () => {
    const asked = await t.scan(sampleText(t.simulator, 'ankang-several'))
    const [own] = asked.targets
    const answers = await Promise.all([choose(asked.id, own!.id), choose(asked.id, own!.id)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  })
})
