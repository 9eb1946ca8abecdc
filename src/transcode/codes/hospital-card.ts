import { defineCode } from './code-definition.ts'

/** 院内就诊卡: whatever pattern the hospital sets. */
export const hospitalCard = defineCode({
  format: 'hospital-card',
  label: '院内就诊卡',
  pattern: { setting: 'hospitalCard', default: '' },
  recognise: (text, { matches }) => matches['hospitalCard']?.(text) ?? false,
  samples: [{ title: '假设的院方规则', text: 'ZY0012345678' }],
  sampleSettings: { hospitalCard: '^ZY\\d{10}$' },
})
