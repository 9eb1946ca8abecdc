/** The registry of code formats, asked in this order: a new format is one file and one line here. */
import { ankang } from './ankang.ts'
import { eVoucher } from './e-voucher.ts'
import { healthCardDynamic } from './health-card-dynamic.ts'
import { healthCardStatic } from './health-card-static.ts'
import { hospitalCard } from './hospital-card.ts'
import { identityNumber } from './identity-number.ts'
import { payment } from './payment.ts'
import { socialSecurityCard } from './social-security-card.ts'
import { unknown } from './unknown.ts'
import { yuejiantong } from './yuejiantong.ts'

export const CODES = [
  ankang,
  healthCardStatic,
  healthCardDynamic,
  yuejiantong,
  // Before payment: WeChat's first digits 11–15 are area codes too, but a payment code has no check digit.
  identityNumber,
  eVoucher,
  socialSecurityCard,
  // Before the hospital's own pattern: a loose one must not make us keep somebody's payment code.
  payment,
  hospitalCard,
  unknown,
] as const
