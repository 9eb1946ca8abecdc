/** The hospital's insurance gateway played: decoding of 医保电子凭证, `ec.query`. */
import { createHash } from 'node:crypto'
import { fieldFault } from './fields.ts'
import { personOf, PEOPLE, type PersonKey } from './people.ts'
import { isMembers, jsonReply, parseMembers, type Call, type Play, type Reply } from './play.ts'
import { eVoucherDigits } from './samples.ts'

const BUSINESS_TYPES = '01101 01102 01103 01104 01201 01202 01203 01204 01301 01302 02121 02122'.split(' ')

export function createEVoucher(options: { orgId: string; codeField: string }): Play {
  let queries: { businessType: string; officeId: string; person: string }[] = []

  function answer(call: Call): Reply {
    const request = parseMembers(call.body)
    if (request === undefined) return refusal(-1, '请求不是 JSON 对象')
    const { data } = request
    if (!isMembers(data)) return refusal(-1, 'data 不能为空')
    if (request['transType'] !== 'ec.query') return refusal(-1, 'transType 不合法')
    if (request['orgId'] !== options.orgId || data['orgId'] !== options.orgId) return refusal(1001, '机构未授权')
    const rules = { businessType: { oneOf: BUSINESS_TYPES }, operatorId: {}, operatorName: {}, officeId: {}, officeName: {} }
    const fault = fieldFault(data, rules)
    if (fault !== undefined) return refusal(-1, `${fault.field} 不合法`)
    const code = request[options.codeField] ?? data[options.codeField]
    if (typeof code !== 'string' || !/^424\d{25}$/.test(code)) return refusal(-1, `${options.codeField} 不合法`)
    if (call.forcedCode !== undefined) return refusal(Number(call.forcedCode), '按要求返回')
    const key = PEOPLE.map((one) => one.key as PersonKey).find((one) => code === `424${eVoucherDigits(one)}`)
    if (key === undefined) return refusal(1002, '电子凭证不存在或已失效，请刷新后重试')
    queries.push({ businessType: String(data['businessType']), officeId: String(data['officeId']), person: key })
    const head = { code: 0, message: '成功' }
    // Gateways differ in where the fields stand: beside the code for one person here, in `data` for the others.
    return jsonReply(key === 'ma' ? { ...head, ...holder(key) } : { ...head, data: holder(key) }, 0)
  }

  return {
    id: 'e-voucher',
    operationOf: (method, pathname) => (method === 'POST' && pathname === '/hsecfc/localQrCodeQuery' ? 'query' : undefined),
    answer,
    books: () => ({ queries }),
    reset: () => void (queries = []),
  }
}

function holder(key: PersonKey): Record<string, unknown> {
  const person = personOf(key)
  const token = createHash('sha256').update(`ec ${key}`).digest('hex')
  return {
    idNo: person.idNumber,
    idType: person.idType,
    userName: person.name,
    ecToken: token,
    insuOrg: '340100',
    ecIndexNo: token.slice(0, 32).toUpperCase(),
    gender: person.gender === '男' ? '1' : '2',
    birthday: person.birthday,
    nationality: 'CHN',
    email: '',
    extData: {},
  }
}

function refusal(code: number, message: string): Reply {
  return jsonReply({ code, message, data: null }, code)
}
