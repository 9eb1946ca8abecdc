import { describe, expect, it } from 'vitest'
import {
  BILLING_STATUSES,
  ENTERPRISE_TYPES,
  ID_TYPES,
  INSURED_STATUSES,
  SEXES,
} from '../../../../src/transcode/platforms/quanzhou/dictionaries.ts'

describe('泉州 附录3', () => {
  it('is whole', () => {
    const sizes = [ENTERPRISE_TYPES, ID_TYPES, SEXES, INSURED_STATUSES, BILLING_STATUSES].map((table) => Object.keys(table).length)
    expect(sizes).toEqual([12, 23, 4, 3, 10])
  })

  it('has its own meaning for 06, and codes of six digits', () => {
    expect([ID_TYPES['06'], ID_TYPES['990201'], ID_TYPES['9901']]).toEqual(['台湾居民来往大陆通行证', '医学出生证明', '暂住证'])
    expect([SEXES['9'], ENTERPRISE_TYPES['80'], BILLING_STATUSES['03'], INSURED_STATUSES['2']]).toEqual([
      '未说明性别',
      '个体工商户（有雇工的）',
      '外来工、农民工',
      '暂停缴费',
    ])
  })
})
