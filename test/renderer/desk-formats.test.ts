import { expect, it } from 'vitest'
import type { TakenFormat } from '../../src/renderer/api/screen-types.ts'
import { acceptedCodes } from '../../src/renderer/desk/accepted-codes.ts'
import { bridgeStops } from '../../src/renderer/desk/bridge-stops.ts'
import type { Outcome } from '../../src/transcode/outcome.ts'
import { PLATFORMS } from '../../src/transcode/platforms/index.ts'
import { takenFormats } from '../../src/transcode/transcode.ts'

const outcome = (format: string, more: object = { patient: {} }) => ({ code: { format }, targets: [], ...more }) as unknown as Outcome
const on = (...ids: string[]) =>
  takenFormats({ definitions: PLATFORMS, platforms: ids.map((id) => ({ id })) as never, recognition: { hospitalCard: '^ZY\\d+$', socialSecurityCard: '' } })

it('claims a platform only for a format that one is asked about here', () => {
  const formats = on('health-card')
  const asked = (format: string) => bridgeStops('accepted', outcome(format), formats)[1]
  expect(asked('health-card-static')).toBe('done')
  expect(asked('health-card-dynamic')).toBe('done')
  for (const format of ['identity-number', 'hospital-card', 'social-security-card', 'e-voucher', 'a-new-format']) expect(asked(format)).toBe('skipped')
  expect(bridgeStops('accepted', outcome('e-voucher'), on('e-voucher'))[1]).toBe('done')
  expect(bridgeStops('accepted', outcome('health-card-static'))[1]).toBe('skipped')
  // Handed on as it is, or exchanged for another code.
  const targets = (type: string) => ({ targets: [{ type }] })
  expect(bridgeStops('accepted', outcome('ankang', targets('ankang')), on('ankang'))[1]).toBe('skipped')
  expect(bridgeStops('accepted', outcome('ankang', targets('3401003')), on('ankang'))[1]).toBe('done')
})

it('names what this terminal takes, a new format by its own label', () => {
  expect(acceptedCodes(on())).toEqual(['身份证号', '医保电子凭证', '院内就诊卡'])
  expect(acceptedCodes(on('health-card', 'ankang', 'e-voucher'))).toEqual(['安康码', '电子健康卡', '医保电子凭证', '身份证号', '院内就诊卡'])
  const added: TakenFormat = { format: 'blood-card', label: '献血证', platform: null, taken: true }
  expect(acceptedCodes([...on(), added])).toContain('献血证')
})
