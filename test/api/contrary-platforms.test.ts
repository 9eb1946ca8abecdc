/** 安康码 and 粤健通 as few answer, though their documents allow it. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { sampleText, startTestTerminal, type TestTerminal } from '../support/terminal.ts'

let t: TestTerminal
beforeAll(async () => {
  t = await startTestTerminal()
})
afterEach(() => t.simulator.control.reset())
afterAll(() => t.close())

test('安康码: errCode 0, no data and one id for several cards; an ambiguous choice is refused, a place chosen', async () => {
  t.simulator.control.contrary('ankang', true)
  const asked = await t.scan(sampleText(t.simulator, 'ankang-several'))
  expect(asked.status).toBe('choose')
  const shared = asked.targets.filter(({ id }: { id: string }) => id === 'one-id')
  expect(shared.length).toBeGreaterThan(1)
  const choose = (targetId: string) => t.request('POST', `/api/v1/outcomes/${asked.id}/choice`, { targetId })
  const refused = await choose('one-id')
  expect([refused.status, refused.body.error.code, refused.body.error.advice]).toEqual([409, 'TARGET_AMBIGUOUS', expect.stringContaining('#2')])
  const chosen = await choose('#2')
  expect(chosen.status).toBe(200)
  expect(chosen.body.targets).toEqual([asked.targets[1]])
})

test('粤健通: odd members and a ciphertext of another key are left out, the person kept; a code of any characters works once', async () => {
  t.simulator.control.contrary('yuejiantong', true)
  const code = t.simulator.control.exchangeCode('lin')
  expect(code).toMatch(/[+/=]/)
  const entry = new URL(sampleText(t.simulator, 'yuejiantong'))
  const link = `${entry.origin}${entry.pathname}?code=${code}`
  const outcome = await t.scan(link)
  expect(outcome).toMatchObject({ status: 'accepted', code: { format: 'yuejiantong' }, patient: { gender: '保密', idType: '01' } })
  expect(outcome.patient).not.toHaveProperty('phone')
  expect(outcome.notices?.join()).toMatch(/无法解密.*民族、用户 ID/)
  expect(await t.scan(link)).toMatchObject({ status: 'rejected', error: { code: 'CODE_USED' } })
  const direct = await t.request('POST', '/api/v1/platforms/yuejiantong/exchangeCode', { code })
  expect(JSON.stringify(direct.body)).toContain('CODE_USED')
  const other = await t.request('POST', '/api/v1/platforms/yuejiantong/exchangeCode', { code: t.simulator.control.exchangeCode('lin') })
  expect(other.body).toMatchObject({ gender: 3, omitted: ['phone', 'nation', 'userId'] })
})
