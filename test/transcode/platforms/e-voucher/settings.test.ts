import { describe, expect, it } from 'vitest'
import { eVoucherSettings, viaOf } from '../../../../src/transcode/platforms/e-voucher/settings.ts'

const faults = (settings: object) =>
  (eVoucherSettings.safeParse(settings).error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`)
const GATEWAY = { gatewayUrl: 'https://ybgw.example/query', codeField: 'ecQrCode' }

describe('platforms.eVoucher', () => {
  it('needs the gateway or the DLL, and what belongs to it', () => {
    expect(faults(GATEWAY)).toEqual([])
    expect(faults({ dll: '/opt/ec.so' })).toEqual([])
    expect(faults({})).toEqual(['gatewayUrl: required, or dll'])
    expect(faults({ gatewayUrl: GATEWAY.gatewayUrl })).toEqual(['codeField: required when gatewayUrl is used'])
    expect(faults({ ...GATEWAY, via: 'dll' })).toEqual(['dll: required when via is dll'])
    expect(faults({ dll: '/opt/ec.so', via: 'gateway' })).toEqual(['gatewayUrl: required when via is gateway'])
  })

  it('takes the gateway where both are given and nothing is chosen', () => {
    expect(viaOf({ ...GATEWAY, dll: '/opt/ec.so' } as never)).toBe('gateway')
    expect(viaOf({ ...GATEWAY, dll: '/opt/ec.so', via: 'dll' } as never)).toBe('dll')
    expect(viaOf({ dll: '/opt/ec.so' } as never)).toBe('dll')
  })

  it('refuses other encodings, names and types', () => {
    expect(faults({ dll: 'x', encoding: 'big5' }).length).toBe(1)
    expect(faults({ dll: 'x', symbol: 'Ec Query' })).toEqual(['symbol: must be a function name'])
    expect(faults({ ...GATEWAY, codeField: 'a..b' })).toHaveLength(1)
    expect(faults({ ...GATEWAY, businessType: '1' })).toHaveLength(1)
    expect(eVoucherSettings.parse({ dll: 'x', encoding: 'utf8' }).encoding).toBe('utf-8')
  })
})
