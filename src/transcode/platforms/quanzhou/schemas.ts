/** 泉州 BC00.03.00.01–07 and 获取医院收费信息: one schema for each request and answer; lengths as in the tables. */
import { z } from 'zod'
import { ID_TYPES } from './dictionaries.ts'
import { amount, answeredAmount, answeredText, bit, dateTime, maybe, text } from './fields.ts'

const certType = () => text(10).refine((code) => Object.hasOwn(ID_TYPES, code), '不在附录3证件类型之列')

const institution = { fixmedins_code: text(40) }
const person = { psn_name: text(40), cert_no: text(100) }
const typedPerson = { ...person, cert_type: certType() }
const stay = { hosp_mdtrt_id: text(40), mdtrt_id: text(50).optional() }
const operator = { opt_name: text(40), opt_dept_name: text(40) }

const FOR_INSURED = '医保病人时必传'

/** Fields that an insured patient (is_own 0) needs. */
function insuredNeeds<T extends z.ZodRawShape>(shape: T, names: readonly (keyof T & string)[]) {
  return z.strictObject(shape).superRefine((body, context) => {
    const values = body as Record<string, unknown>
    if (values['is_own'] !== '0') return
    for (const name of names) if (values[name] === undefined) context.addIssue({ code: 'custom', path: [name], message: FOR_INSURED })
  })
}

/** `row` as a list, though a single one may come without brackets. */
const rows = <T extends z.ZodType>(row: T) =>
  z.preprocess((value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]), z.array(row))

const total = z.preprocess((value) => (typeof value === 'string' ? Number(value) : value), z.int().min(0))

const freezeShape = {
  ...institution,
  ...stay,
  ...typedPerson,
  is_own: bit(),
  /** Left out: the whole credit is frozen. */
  frez_amt: amount().optional(),
  frez_type: text(10),
  ...operator,
}

const unfreezeShape = {
  ...institution,
  ...stay,
  ...typedPerson,
  re_frez_type: text(10),
  re_frez_amt: amount(),
  /** Typed DateTime in the request's table, String 1000 in the answer's: it is a reason. */
  re_frez_rea: text(1000),
  ...operator,
}

const settleShape = {
  ...institution,
  ...stay,
  ...typedPerson,
  med_type: text(6),
  is_own: bit(),
  /** 医保结算流水号 here; 医院 in .06. */
  hosp_setl_id: text(40).optional(),
  /** 医院结算流水号 here; 医保 in .06. */
  setl_id: text(40),
  setl_time: dateTime(),
  medfee_sumamt: amount(),
  fund_pay_sumamt: amount(),
  acct_pay_sumamt: amount(),
  cash_payamt: amount(),
  cntr_bank_act_amt: amount(),
}

const refundShape = {
  ...institution,
  ...stay,
  ...typedPerson,
  /** 医院结算流水号 here; 医保 in .05. */
  hosp_setl_id: text(40),
  /** 医保结算流水号 here; 医院 in .05. */
  setl_id: text(40).optional(),
  hosp_re_setl_id: text(40),
  re_setl_id: text(40).optional(),
  cntr_act_amt: amount(),
}

// Of a transaction's answer only the number that proves it must be there: a
// missing side figure must not make a freeze that took place look unknown.
const schemas = {
  'BC00.03.00.01': {
    title: '获取住院预授权协议列表',
    transaction: false,
    request: z.strictObject({ ...institution, ...person }),
    response: z.object({
      total,
      row: rows(
        z.object({
          cntr_no: answeredText(),
          is_own: bit(),
          sign_time: maybe(answeredText()),
          sign_state: answeredText(),
          cntr_att_cont: maybe(answeredText()),
        }),
      ),
    }),
  },
  'BC00.03.00.02': {
    title: '获取当前住院预授权状态',
    transaction: false,
    request: z.strictObject({ ...institution, ...person, hosp_mdtrt_id: text(50) }),
    response: z.object({
      cntr_state: answeredText(),
      // Nothing is frozen or settled yet in some states.
      frez_amt: maybe(answeredAmount()),
      frez_time: maybe(answeredText()),
      cntr_act_amt: maybe(answeredAmount()),
      cntr_setl_time: maybe(answeredText()),
    }),
  },
  'BC00.03.00.03': {
    title: '住院预授权申报冻结',
    transaction: true,
    request: insuredNeeds(freezeShape, ['mdtrt_id']),
    response: z.object({
      frez_no: answeredText(),
      frez_amt: maybe(answeredAmount()),
      acct_frez_amt: maybe(answeredAmount()),
      bank_frez_amt: maybe(answeredAmount()),
      frez_time: maybe(answeredText()),
      frez_type: maybe(answeredText()),
    }),
  },
  'BC00.03.00.04': {
    title: '住院预授权申报解冻',
    transaction: true,
    request: z.strictObject(unfreezeShape),
    response: z.object({
      re_frez_no: answeredText(),
      frez_no: maybe(answeredText()),
      re_frez_type: maybe(answeredText()),
      re_frez_amt: maybe(answeredAmount()),
      re_frez_rea: maybe(answeredText()),
    }),
  },
  'BC00.03.00.05': {
    title: '门诊/住院预授权结算',
    transaction: true,
    request: insuredNeeds(settleShape, ['mdtrt_id', 'hosp_setl_id']),
    response: z.object({ cntr_setl_id: answeredText(), cntr_setl_time: maybe(answeredText()) }),
  },
  'BC00.03.00.06': {
    title: '门诊/住院预授权结算退款',
    transaction: true,
    request: z.strictObject(refundShape),
    response: z.object({ cntr_re_setl_id: answeredText(), cntr_setl_time: maybe(answeredText()) }),
  },
  'BC00.03.00.07': {
    title: '获取预授权结算对账清单',
    transaction: false,
    request: z.strictObject({ ...institution, med_type: text(6), fee_time: dateTime() }),
    response: z.object({
      total,
      row: rows(
        z.object({
          hosp_setl_id: maybe(answeredText()),
          setl_id: answeredText(),
          medfee_sumamt: answeredAmount(),
          cntr_act_amt: answeredAmount(),
        }),
      ),
    }),
  },
} as const
type Schema = { title: string; transaction: boolean; request: z.ZodObject; response: z.ZodType<Record<string, unknown>> }
export const SCHEMAS: typeof schemas & Readonly<Record<string, Schema>> = schemas

export type FunctionId = keyof typeof schemas
export type QuanzhouRequest<F extends FunctionId> = z.infer<(typeof schemas)[F]['request']>
export type QuanzhouResponse<F extends FunctionId> = z.infer<(typeof schemas)[F]['response']>

/** 获取医院收费信息, which the hospital provides. */
export const charges = {
  request: z.object({ fixmedins_code: text(40), hosp_mdtrt_id: text(40) }),
  response: z.object({
    ...typedPerson,
    med_type: text(6),
    is_own: bit(),
    mdtrt_id: text(50).optional(),
    setl_id: text(40).optional(),
    setl_time: dateTime(),
    medfee_sumamt: answeredAmount(),
    fund_pay_sumamt: answeredAmount(),
    acct_pay_sumamt: answeredAmount(),
    cash_payamt: answeredAmount(),
    cntr_bank_act_amt: answeredAmount(),
  }),
}
export type ChargesRequest = z.infer<typeof charges.request>
