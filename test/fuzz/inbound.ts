/** What anybody may send to the listener of 泉州: spoilt requests, signed and not, in both envelopes. */
import { expect } from 'vitest'
import { createEnvelope } from '../../src/transcode/platforms/quanzhou/create-envelope.ts'
import { createInboundCharges } from '../../src/transcode/platforms/quanzhou/inbound-charges.ts'
import { quanzhouSettings } from '../../src/transcode/platforms/quanzhou/settings.ts'
import type { Target } from './run.ts'

const NOW = Date.parse('2024-03-05T10:00:00+08:00')
const FIELDS = { baseUrl: 'https://platform.example/api', appId: '43AF047BBA47FC8A1AE8', appSecret: '4117E877F5FA0A0188891283E4B617D5', bizKey: 'biz', salt: 'salt', sm4Key: '0123456789abcdeffedcba9876543210' }
const ASKED = { fixmedins_code: 'H34010000001', hosp_mdtrt_id: 'ZY1' }
const CHARGES = { psn_name: '测试一', cert_no: '350502198803070026', cert_type: '01', med_type: '21', is_own: '1', setl_time: '2024-03-05 09:00:00', medfee_sumamt: '10.00', fund_pay_sumamt: '0', acct_pay_sumamt: '0', cash_payamt: '4.50', cntr_bank_act_amt: '5.50' }
const LARGEST = 64 * 1024

export const INBOUND: Target[] = (['chs', 'ec'] as const).flatMap((envelope) =>
  (['AES', 'SM4', 'none'] as const).map((encType): Target => {
    const settings = quanzhouSettings.parse({ ...FIELDS, envelope, signType: 'SM3', encType })
    const platform = createEnvelope(settings)
    let asked = 0
    return {
      name: `inbound ${envelope} ${encType}`,
      async run(random) {
        let answered: unknown = CHARGES
        const handle = createInboundCharges({ settings, now: () => NOW, askHis: async () => ((asked += 1), answered), fixmedinsCode: ASKED.fixmedins_code })
        const signed = random.chance(0.3)
        // Who has the keys may still send nonsense, and so may the HIS.
        const business = random.chance(0.5) ? ASKED : (random.mutatedJson(ASKED) as typeof ASKED)
        if (random.chance(0.2)) answered = random.mutatedJson(CHARGES)
        const sealed = platform.sealRequest('x', business !== null && typeof business === 'object' ? business : ASKED, NOW)
        const raw = signed ? sealed : random.chance(0.5) ? random.mutated(sealed) : JSON.stringify(random.mutatedJson(JSON.parse(sealed)))
        const before = asked
        const { status, body, outcome } = await handle(raw.slice(0, LARGEST))
        expect([200, 403]).toContain(status)
        if (outcome === 'unauthentic') {
          expect(asked).toBe(before)
          expect(body).not.toMatch(/测试一|350502/)
        } else expect(platform.openResponse(JSON.parse(body))).toBeTypeOf('object')
      },
    }
  }),
)
