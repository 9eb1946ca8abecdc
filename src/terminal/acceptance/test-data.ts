/** Bodies of the calls that an acceptance makes: a file of the implementer's, or a simulator's made-up people. */
import { SettingsError } from '../../agent/settings-file.ts'
import { readTextFile } from '../../agent/text-file.ts'
import { personOf } from '../../simulator/people.ts'

type Members = Record<string, unknown>
/** The body for `platform/operation`, new at each call; undefined where there is none. */
export type TestData = (name: string) => Promise<Members | undefined>

/** Reads `{"health-card/getHealthCardByQRCode": {"qrCodeText": "…"}, …}`, bodies as the local API takes them. Throws SettingsError. */
export function testDataOf(file: string): TestData {
  const fault = (reason: string) => new SettingsError([{ path: file, reason }])
  let calls: unknown
  try {
    calls = JSON.parse(readTextFile(file) ?? '')
  } catch (error) {
    // The parser's own message quotes the file.
    const { code } = error as NodeJS.ErrnoException
    throw fault(code === undefined ? 'is not JSON 不是合法的 JSON' : `cannot be read (${code}) 无法读取测试数据文件`)
  }
  if (!isMembers(calls) || !Object.values(calls).every(isMembers)) throw fault('must map platform/operation to request bodies 应为“平台/接口”到请求体的对象')
  const given = calls as Record<string, Members>
  return async (name) => (Object.hasOwn(given, name) ? given[name] : undefined)
}

/** A simulator's, or undefined where the address is not one on this machine. */
export async function simulatedData(origin: string): Promise<TestData | undefined> {
  if (!/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(origin)) return undefined
  const control = async (call: string, body?: object): Promise<Members> => {
    const response = await fetch(`${origin}/_control/${call}`, { signal: AbortSignal.timeout(5000), ...(body && { method: 'POST', body: JSON.stringify(body) }) })
    return (await response.json()) as Members
  }
  const sample = async (id: string): Promise<string> => {
    const { samples } = (await control('samples')) as { samples: { id: string; text: string }[] }
    return samples.find((one) => one.id === id)?.text ?? ''
  }
  try {
    if ((await sample('card-static')) === '') return undefined
  } catch {
    return undefined
  }
  const bodies = bodiesOf(sample, control)
  return async (name) => (Object.hasOwn(bodies, name) ? bodies[name]!() : undefined)
}

/** yyyy-MM-dd HH:mm:ss in China. */
const chinaNow = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')

function bodiesOf(sample: (id: string) => Promise<string>, control: (call: string, body?: object) => Promise<Members>): Record<string, () => Promise<Members>> {
  const lin = personOf('lin')
  const serial = Date.now().toString(36).toUpperCase()
  const applicant = {
    wechatCode: '73EFA6796D3869FF', name: '章小桥', gender: '女', nation: '汉族', birthday: '1985-06-12', idNumber: '34010119850612004X', idType: '01', phone1: '18800000000',
  }
  const who = { psn_name: lin.name, cert_no: lin.idNumber }
  const stay = { ...who, hosp_mdtrt_id: `ZY${serial}`, mdtrt_id: `YB${serial}`, cert_type: '01' }
  const operator = { opt_name: '经办', opt_dept_name: '住院处' }
  const [day] = chinaNow().split(' ')
  const still = async () => ({ qrCodeText: await sample('card-static') })
  return {
    'health-card/getHealthCardByQRCode': still,
    'health-card/getHealthCardByHealthCode': () => control('health-code', { person: 'lin' }),
    'health-card/verifyQRCode': async () => ({ qrCodeText: await sample('card-dynamic'), time: chinaNow() }),
    'health-card/reportHISData': async () => ({ ...(await still()), cardType: '11', time: chinaNow() }),
    'health-card/bindCardRelation': async () => ({ ...(await still()), patid: lin.patid }),
    'health-card/getOrderIdByOutAppId': still,
    'health-card/registerHealthCard': async () => applicant,
    'health-card/registerBatchHealthCard': async () => ({
      healthCardItems: [{ ...applicant, patid: 'P0000199', openId: 'O1', wechatUrl: 'https://hospital.example/cards' }],
    }),
    'health-card/ocrInfo': async () => ({ imageContent: 'data:image/jpeg;base64,/9j/4AAQ' }),
    'ankang/transcode': async () => ({ qrCodeUrl: await sample('ankang-green') }),
    'ankang/identify': async () => ({ qrCodeUrl: await sample('ankang-green') }),
    'ankang/config': async () => ({}),
    'ankang/message': async () => ({
      name: lin.name, idcardNo: lin.idNumber, targetType: '3401002', targetId: 'T1', tradeTime: chinaNow().replace(/\D/g, ''), tradeNo: serial, msg: '挂号成功', tradeState: '1',
    }),
    'quanzhou/BC00.03.00.01': async () => who,
    'quanzhou/BC00.03.00.02': async () => ({ ...who, hosp_mdtrt_id: stay.hosp_mdtrt_id }),
    'quanzhou/BC00.03.00.03': async () => ({ ...stay, is_own: '0', frez_amt: '500.55', frez_type: '1', ...operator }),
    'quanzhou/BC00.03.00.04': async () => ({ ...stay, re_frez_type: '1', re_frez_amt: '100.55', re_frez_rea: '减少预缴', ...operator }),
    'quanzhou/BC00.03.00.05': async () => ({
      ...stay, med_type: '21', is_own: '0', hosp_setl_id: `YB-JS-${serial}`, setl_id: `YY-JS-${serial}`, setl_time: chinaNow(),
      medfee_sumamt: '1000.00', fund_pay_sumamt: '700.00', acct_pay_sumamt: '99.99', cash_payamt: '0', cntr_bank_act_amt: '200.01',
    }),
    'quanzhou/BC00.03.00.06': async () => ({
      ...stay, hosp_setl_id: `YY-JS-${serial}`, setl_id: `YB-JS-${serial}`, hosp_re_setl_id: `YY-TK-${serial}`, re_setl_id: `YB-TK-${serial}`, cntr_act_amt: '0.01',
    }),
    'quanzhou/BC00.03.00.07': async () => ({ med_type: '21', fee_time: day }),
    'yuejiantong/exchangeCode': async () => ({ code: (await control('exchange-code', { person: 'lin' }))['code'] }),
    'beijing/entryUrl': async () => ({ userName: lin.name, cardNo: lin.idNumber }),
    'beijing/checkFace': async () => ({ name: lin.name, certNo: lin.idNumber }),
    'e-voucher/query': async () => ({ code: await sample('e-voucher') }),
  }
}

function isMembers(value: unknown): value is Members {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
