import { defineCode } from './code-definition.ts'

/** 电子社保卡: what its code holds is not public, so there is no default pattern. */
export const socialSecurityCard = defineCode({
  format: 'social-security-card',
  label: '电子社保卡',
  pattern: { setting: 'socialSecurityCard', default: '' },
  recognise: (text, { matches }) => matches['socialSecurityCard']?.(text) ?? false,
  samples: [{ title: '假设的院方规则', text: 'SSC00112233445566778899' }],
  sampleSettings: { socialSecurityCard: '^SSC\\d{20}$' },
})
