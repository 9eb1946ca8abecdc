import { defineCode } from './code-definition.ts'

/** 医保电子凭证: 28 digits beginning 424 unless a site sets another pattern. */
export const eVoucher = defineCode({
  format: 'e-voucher',
  label: '医保电子凭证',
  pattern: { setting: 'eVoucher', default: '^424\\d{25}$' },
  handedOn: true,
  recognise: (text, { matches }) => matches['eVoucher']?.(text) ?? false,
  samples: [{ title: '28 位数字', text: '4240123456789012345678901234' }],
})
