/** The request tables of BC00.03.00.01–07, held to strictly. */
import { isCompactTime, type FieldRule } from '../fields.ts'

const AMOUNT = /^(0|[1-9]\d{0,13})(\.\d{1,2})?$/

const text = (max: number): FieldRule => ({ max })
const amount: FieldRule = { pattern: AMOUNT }
const WHO = { fixmedins_code: text(40), psn_name: text(40), cert_no: text(100) }
const STAY = { fixmedins_code: text(40), hosp_mdtrt_id: text(40), mdtrt_id: { max: 50, optional: true as const } }
const PERSON = { psn_name: text(40), cert_no: text(100), cert_type: text(10) }
const STAFF = { opt_name: text(40), opt_dept_name: text(40) }

export const RULES: Readonly<Record<string, Readonly<Record<string, FieldRule>>>> = {
  'BC00.03.00.01': WHO,
  'BC00.03.00.02': { ...WHO, hosp_mdtrt_id: text(50) },
  'BC00.03.00.03': { ...STAY, ...PERSON, frez_amt: { ...amount, optional: true }, frez_type: text(10), ...STAFF },
  'BC00.03.00.04': { ...STAY, ...PERSON, re_frez_type: text(10), re_frez_amt: amount, re_frez_rea: text(1000), ...STAFF },
  'BC00.03.00.05': {
    ...STAY, ...PERSON, med_type: text(6), hosp_setl_id: { max: 40, optional: true }, setl_id: text(40),
    setl_time: { check: isMoment }, medfee_sumamt: amount, fund_pay_sumamt: amount, acct_pay_sumamt: amount,
    cash_payamt: amount, cntr_bank_act_amt: amount,
  },
  'BC00.03.00.06': {
    ...STAY, ...PERSON, hosp_setl_id: text(40), setl_id: { max: 40, optional: true }, hosp_re_setl_id: text(40),
    re_setl_id: { max: 40, optional: true }, cntr_act_amt: amount,
  },
  'BC00.03.00.07': { fixmedins_code: text(40), med_type: text(6), fee_time: { check: isMoment } },
}
/** Functions that ask whether the patient pays everything. */
export const ASKS_OWN = ['BC00.03.00.03', 'BC00.03.00.05']

export const FUNCTIONS = Object.keys(RULES)

/** A day or a moment that exists, with or without its signs: the document names no form. */
function isMoment(text: string): boolean {
  if (!/^\d{4}(-?)\d\d\1\d\d([ T]?\d\d(:?)\d\d\3\d\d)?$/.test(text)) return false
  return isCompactTime(text.replace(/\D/g, '').padEnd(14, '0'))
}
