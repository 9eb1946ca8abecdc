/** 泉州 BC00.03.00.01–07: one schema for each request and answer; lengths as in the tables. */
import { z } from 'zod'
import { numberOf } from '../reply-fields.ts'
import { ID_TYPES } from './dictionaries.ts'
import { amount, answeredAmount, answeredText, bit, dateTime, maybe, text } from './fields.ts'

const certType = () => text(10).refine((code) => Object.hasOwn(ID_TYPES, code), '不在附录3证件类型之列')

const institution = { fixmedins_code: text(40).describe('机构编号') }
const person = { psn_name: text(40).describe('姓名'), cert_no: text(100).describe('证件号码') }
/** Who it is about, with 证件类型. */
export const typedPerson = { ...person, cert_type: certType().describe('证件类型') }
const stay = {
  hosp_mdtrt_id: text(40).describe('医院住院/门诊登记号'),
  mdtrt_id: text(50).optional().describe('医保住院/门诊登记号'),
}
const operator = { opt_name: text(40).describe('经办人姓名'), opt_dept_name: text(40).describe('经办人科室') }

const FOR_INSURED = '医保病人时必传'

/** Fields that an insured patient (is_own 0) needs. */
function insuredNeeds<T extends z.ZodRawShape>(shape: T, names: readonly (keyof T & string)[]) {
  return z.strictObject(shape).superRefine((body, context) => {
    const values = body as Record<string, unknown>
    if (values['is_own'] !== '0') return
    for (const name of names)
      if (values[name] === undefined) context.addIssue({ code: 'custom', path: [name], message: FOR_INSURED })
  })
}

/** 医保病人时必传, without a field that says who is one: whoever gives one of them needs them all. */
function oneNeedsAll<T extends z.ZodRawShape>(shape: T, names: readonly (keyof T & string)[]) {
  return z.strictObject(shape).superRefine((body, context) => {
    const values = body as Record<string, unknown>
    if (names.every((name) => values[name] === undefined)) return
    for (const name of names)
      if (values[name] === undefined) context.addIssue({ code: 'custom', path: [name], message: `${FOR_INSURED}：${names.join('、')} 要么都给，要么都不给` })
  })
}

/** `row` as a list, though a single one may come without brackets. */
const rows = <T extends z.ZodType>(row: T) =>
  z.preprocess(
    (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]),
    z.array(row),
  )

const total = z.preprocess((value) => (value === '' ? undefined : numberOf(value)), z.int().min(0))

/** Ours, beside a code that `codes` of the settings names. */
const label = (what: string) => z.string().optional().describe(`${what}的名称，取自设置 codes`)

const freezeShape = {
  ...institution,
  ...stay,
  ...typedPerson,
  is_own: bit().describe('是否自费病人'),
  /** Left out: the whole credit is frozen. */
  frez_amt: amount().optional().describe('冻结金额'),
  frez_type: text(10).describe('冻结类型'),
  ...operator,
}

const unfreezeShape = {
  ...institution,
  ...stay,
  ...typedPerson,
  re_frez_type: text(10).describe('解冻类型'),
  re_frez_amt: amount().describe('解冻金额'),
  /** Typed DateTime in the request's table, String 1000 in the answer's: it is a reason. */
  re_frez_rea: text(1000).describe('解冻原因'),
  ...operator,
}

const settleShape = {
  ...institution,
  ...stay,
  ...typedPerson,
  med_type: text(6).describe('就诊类型'),
  is_own: bit().describe('是否自费病人'),
  /** 医保结算流水号 here; 医院 in .06. */
  hosp_setl_id: text(40).optional().describe('医保结算流水号'),
  /** 医院结算流水号 here; 医保 in .06. */
  setl_id: text(40).describe('医院结算流水号'),
  setl_time: dateTime().describe('结算时间'),
  medfee_sumamt: amount().describe('医疗总费用'),
  fund_pay_sumamt: amount().describe('基金支付金额'),
  acct_pay_sumamt: amount().describe('个账支付金额'),
  cash_payamt: amount().describe('现金支付金额'),
  cntr_bank_act_amt: amount().describe('预结算实际发生金额（银行）'),
}

const refundShape = {
  ...institution,
  ...stay,
  ...typedPerson,
  /** 医院结算流水号 here; 医保 in .05. */
  hosp_setl_id: text(40).describe('医院结算流水号'),
  /** 医保结算流水号 here; 医院 in .05. */
  setl_id: text(40).optional().describe('医保结算流水号'),
  hosp_re_setl_id: text(40).describe('医院退款流水号'),
  re_setl_id: text(40).optional().describe('医保退款流水号'),
  cntr_act_amt: amount().describe('发生金额'),
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
          cntr_no: answeredText().describe('协议编号'),
          is_own: bit().describe('是否自费病人'),
          sign_time: maybe(answeredText()).describe('签署时间'),
          sign_state: answeredText().describe('签署状态'),
          sign_state_name: label('签署状态'),
          cntr_att_cont: maybe(answeredText()).describe('签署附件内容'),
        }),
      ),
    }),
  },
  'BC00.03.00.02': {
    title: '获取当前住院预授权状态',
    transaction: false,
    request: z.strictObject({ ...institution, ...person, hosp_mdtrt_id: text(50).describe('医院住院登记号') }),
    response: z.object({
      cntr_state: answeredText().describe('预授权状态'),
      cntr_state_name: label('预授权状态'),
      // Nothing is frozen or settled yet in some states.
      frez_amt: maybe(answeredAmount()).describe('冻结金额'),
      frez_time: maybe(answeredText()).describe('冻结时间'),
      cntr_act_amt: maybe(answeredAmount()).describe('结算金额'),
      cntr_setl_time: maybe(answeredText()).describe('结算时间'),
    }),
  },
  'BC00.03.00.03': {
    title: '住院预授权申报冻结',
    transaction: true,
    request: insuredNeeds(freezeShape, ['mdtrt_id']),
    response: z.object({
      frez_no: answeredText().describe('冻结流水号'),
      frez_amt: maybe(answeredAmount()).describe('冻结金额'),
      acct_frez_amt: maybe(answeredAmount()).describe('其中医保个账冻结金额'),
      bank_frez_amt: maybe(answeredAmount()).describe('其中银行冻结金额'),
      frez_time: maybe(answeredText()).describe('冻结时间'),
      frez_type: maybe(answeredText()).describe('冻结类型'),
      frez_type_name: label('冻结类型'),
    }),
  },
  'BC00.03.00.04': {
    title: '住院预授权申报解冻',
    transaction: true,
    request: z.strictObject(unfreezeShape),
    response: z.object({
      re_frez_no: answeredText().describe('解冻流水号'),
      frez_no: maybe(answeredText()).describe('冻结流水号'),
      re_frez_type: maybe(answeredText()).describe('解冻类型'),
      re_frez_type_name: label('解冻类型'),
      re_frez_amt: maybe(answeredAmount()).describe('解冻金额'),
      re_frez_rea: maybe(answeredText()).describe('解冻原因'),
    }),
  },
  'BC00.03.00.05': {
    title: '门诊/住院预授权结算',
    transaction: true,
    request: insuredNeeds(settleShape, ['mdtrt_id', 'hosp_setl_id']),
    response: z.object({
      cntr_setl_id: answeredText().describe('预授权结算流水号'),
      cntr_setl_time: maybe(answeredText()).describe('结算时间'),
    }),
  },
  'BC00.03.00.06': {
    title: '门诊/住院预授权结算退款',
    transaction: true,
    request: oneNeedsAll(refundShape, ['mdtrt_id', 'setl_id', 're_setl_id']),
    response: z.object({
      cntr_re_setl_id: answeredText().describe('预授权结算退费流水号'),
      cntr_setl_time: maybe(answeredText()).describe('退费时间'),
    }),
  },
  'BC00.03.00.07': {
    title: '获取预授权结算对账清单',
    transaction: false,
    request: z.strictObject({
      ...institution,
      med_type: text(6).describe('就诊类型'),
      fee_time: dateTime().describe('费用发生日期'),
    }),
    response: z.object({
      total,
      row: rows(
        z.object({
          hosp_setl_id: maybe(answeredText()).describe('医保结算流水号'),
          setl_id: answeredText().describe('医院结算流水号'),
          medfee_sumamt: answeredAmount().describe('本次医疗总费用'),
          cntr_act_amt: answeredAmount().describe('本次预授权结算金额'),
        }),
      ),
    }),
  },
} as const
type Schema = {
  title: string
  transaction: boolean
  request: z.ZodObject
  response: z.ZodType<Record<string, unknown>>
}
/** Ours: which unknown transaction may be sent again, and why. */
export const releaseRequest = z
  .strictObject({
    functionId: z.enum(['BC00.03.00.03', 'BC00.03.00.04', 'BC00.03.00.05', 'BC00.03.00.06']).describe('哪一种交易'),
    ...institution,
    hosp_mdtrt_id: text(40).describe('医院住院/门诊登记号'),
    setl_id: text(40).optional().describe('BC00.03.00.05 的医院结算流水号'),
    hosp_re_setl_id: text(40).optional().describe('BC00.03.00.06 的医院退款流水号'),
    reason: text(200).describe('解除的依据，如“已电话向平台核实没有办理”；不写患者姓名与证件号'),
  })
  .superRefine(({ functionId, setl_id, hosp_re_setl_id }, context) => {
    if (functionId === 'BC00.03.00.05' && setl_id === undefined) context.addIssue({ code: 'custom', path: ['setl_id'], message: '必填' })
    if (functionId === 'BC00.03.00.06' && hosp_re_setl_id === undefined) context.addIssue({ code: 'custom', path: ['hosp_re_setl_id'], message: '必填' })
  })

export const SCHEMAS: typeof schemas & Readonly<Record<string, Schema>> = schemas

export type FunctionId = keyof typeof schemas
