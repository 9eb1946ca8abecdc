/** 获取医院收费信息 (泉州 4): what the hospital is asked and what it answers. */
import { z } from 'zod'
import { answeredAmount, bit, dateTime, text } from './fields.ts'
import { typedPerson } from './schemas.ts'

/** Amounts of the HIS may come as numbers: their digits count, and they leave as decimal strings. */
export const charges = {
  request: z.object({
    fixmedins_code: text(40).describe('机构编号'),
    hosp_mdtrt_id: text(40).describe('医院住院/门诊登记号'),
  }),
  response: z.object({
    ...typedPerson,
    med_type: text(6).describe('就诊类型'),
    is_own: bit().describe('是否自费病人'),
    mdtrt_id: text(50).optional().describe('医保住院/门诊登记号'),
    setl_id: text(40).optional().describe('医院结算流水号'),
    setl_time: dateTime().describe('结算时间'),
    medfee_sumamt: answeredAmount().describe('医疗总费用'),
    fund_pay_sumamt: answeredAmount().describe('基金支付金额'),
    acct_pay_sumamt: answeredAmount().describe('个账支付金额'),
    cash_payamt: answeredAmount().describe('现金支付金额'),
    cntr_bank_act_amt: answeredAmount().describe('预结算实际发生金额（银行）'),
  }),
}
export type ChargesRequest = z.infer<typeof charges.request>
