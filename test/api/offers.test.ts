import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recognise, recognitionOptions } from '../../src/transcode/recognise.ts'
import { sampleText, startTestTerminal, type TestTerminal } from '../support/terminal.ts'

let t: TestTerminal
let screen: Record<string, string>
beforeAll(async () => {
  t = await startTestTerminal({ settings: { terminal: { mode: 'kiosk' } } })
  const ticket = new URL(t.terminal.ready.ui).searchParams.get('ticket')
  const { body } = await t.request('POST', '/api/v1/session', { ticket }, { authorization: '' })
  screen = { authorization: `Bearer ${body.token}` }
})
afterAll(() => t.close())

describe("what a kiosk may show the patient's phone", () => {
  test('a fresh dynamic code of their own, and the entry of 北京', async () => {
    const text = sampleText(t.simulator, 'card-static')
    const { body: seen } = await t.request('POST', '/api/v1/scans', { text, kind: 'camera' }, screen)
    expect(seen.offers).toEqual(['dynamic-code', 'beijing-entry'])
    const code = await t.request('POST', `/api/v1/outcomes/${seen.id}/dynamic-code`, {}, screen)
    expect(code.status).toBe(200)
    expect(code.body.refreshInMs).toBe(20_000)
    expect(recognise(code.body.qrCodeText, recognitionOptions()).format).toBe('health-card-dynamic')
    const entry = await t.request('POST', `/api/v1/outcomes/${seen.id}/beijing-entry`, {}, screen)
    expect(entry.body.url).toMatch(/^http.*sign=[0-9a-f]{64}/)
    const whole = t.terminal.agent.outcome(seen.id)
    expect(decodeURIComponent(entry.body.url)).not.toContain(whole.patient!.name)
    expect(entry.body.url).not.toContain(whole.patient!.idNumber)
  })

  test('a static code where the region has no dynamic one, or none at all, as the settings say', async () => {
    for (const show of ['static', 'off']) {
      const other = await startTestTerminal({ settings: { terminal: { mode: 'kiosk' }, kiosk: { cardCode: { show } } } })
      try {
        const ticket = new URL(other.terminal.ready.ui).searchParams.get('ticket')
        const { body: session } = await other.request('POST', '/api/v1/session', { ticket }, { authorization: '' })
        const asScreen = { authorization: `Bearer ${session.token}` }
        const text = sampleText(other.simulator, 'card-static')
        const { body: seen } = await other.request('POST', '/api/v1/scans', { text, kind: 'camera' }, asScreen)
        const code = await other.request('POST', `/api/v1/outcomes/${seen.id}/dynamic-code`, {}, asScreen)
        if (show === 'static') expect([seen.offers[0], code.body]).toEqual(['dynamic-code', { qrCodeText: text }])
        else expect([seen.offers, code.status]).toEqual([['beijing-entry'], 404])
      } finally {
        await other.close()
      }
    }
  })

  test('is not offered to somebody unknown, nor to a HIS', async () => {
    const { body: card } = await t.request('POST', '/api/v1/scans', { text: sampleText(t.simulator, 'hospital-card') }, screen)
    expect(card.offers).toEqual([])
    const refused = await t.request('POST', `/api/v1/outcomes/${card.id}/dynamic-code`, {}, screen)
    expect([refused.status, refused.body.error.code]).toEqual([404, 'OFFER_NOT_POSSIBLE'])
    expect(await t.scan(sampleText(t.simulator, 'hospital-card'))).not.toHaveProperty('offers')
  })
})
