/** What a screen and a caller without `scan` hold of an outcome: the exact members, so that nothing comes through by the way. */
import { expect, test } from 'vitest'
import { maskOutcome, withoutIdentity } from '../../src/agent/masking.ts'
import type { Outcome } from '../../src/transcode/outcome.ts'

const OUTCOME: Outcome = {
  id: '1e7e0a0e-5f2b-4f0e-8a51-0f6f0a1f2b3c',
  seq: 7,
  scannedAt: '2026-01-01T08:00:00.000+08:00',
  elapsedMs: 41,
  source: { device: 'serial:/dev/ttyUSB0', kind: 'serial' },
  code: { format: 'e-voucher' },
  status: 'choose',
  patient: {
    name: '周小川', idNumber: '340101199003077427', idType: '01', idTypeName: '居民身份证', gender: '女', nation: '汉族', phone: '18812342012', phone2: '0551-62345678', qrCodeText: 'TEXTOFTHECODE', birthday: '1990-03-07', address: '安徽省合肥市示例路1号',
    isSelf: true, healthLevel: '1', healthCardId: 'CARDCARDCARD', phid: 'PHIDPHID', patid: 'PATIDPATID', authType: '2', authObject: 'AUTHAUTH', dataSource: '1', userId: 'USERUSER', channel: '1',
  },
  eVoucher: { ecToken: 'TOKENTOKEN', insuOrg: '340100', ecIndexNo: 'INDEXINDEX', email: 'zhou@example.invalid', extData: { more: 'of the person' } },
  targets: [{ type: '3401003', typeName: '医保电子凭证', qrCode: 'QRCODEQRCODE', id: '340101199003077427', object: { name: '周小川', card: 'CARDOFTHETARGET' } }],
  failures: [],
  reports: ['R1'],
}
const TARGETS = [{ type: '3401003', typeName: '医保电子凭证', id: '#1', qrCode: '', object: {} }]
const { patient: _patient, eVoucher: _eVoucher, targets: _targets, ...REST } = OUTCOME

test('a screen has the person masked, the targets by their kind and the voucher not at all', () => {
  expect(maskOutcome(OUTCOME)).toEqual({
    ...REST,
    targets: TARGETS,
    patient: {
      name: '周*川', idNumber: '340***********7427', phone: '188****2012',
      idType: '01', idTypeName: '居民身份证', gender: '女', nation: '汉族', isSelf: true, healthLevel: '1', authType: '2', dataSource: '1', channel: '1',
    },
  })
})

test('without `scan` there is nobody in it', () => {
  expect(withoutIdentity(OUTCOME)).toEqual({ ...REST, targets: TARGETS })
})

test('a member that nobody has decided about stays away', () => {
  const more = { ...OUTCOME, relatives: ['周小山'], patient: { ...OUTCOME.patient, mother: '林静宜' } } as Outcome
  expect(JSON.stringify([maskOutcome(more), withoutIdentity(more)])).not.toMatch(/周小山|林静宜/)
})
