/** 医保电子凭证: a refusal keeps the platform's own words; faults of the DLL have codes of ours. */
import { PlatformError } from '../platform-error.ts'
import { faultOfCode, type ReturnCode, type ReturnCodeTable } from '../return-code.ts'

const OWN_CODES = {
  DLL_MISSING: {
    cause: '医保动态库无法加载',
    staff: '请信息科核对 eVoucher.dll 的路径、位数（32/64 位）与依赖库；期间请患者出示社保卡或身份证。',
    patient: '医保码暂时不能读取，请出示社保卡或身份证。',
    retryable: false,
  },
  DLL_SYMBOL: {
    cause: '医保动态库里没有所设置的函数',
    staff: '请信息科核对 eVoucher.symbol；期间请患者出示社保卡或身份证。',
    patient: '医保码暂时不能读取，请出示社保卡或身份证。',
    retryable: false,
  },
  DLL_TIMEOUT: {
    cause: '医保动态库没有在限定时间内答复，已被终止',
    staff: '请患者刷新医保码后重新扫码；连续出现请联系信息科检查医保动态库与扫码枪。',
    patient: '请刷新医保码，再扫一次。',
    retryable: true,
  },
  DLL_CRASHED: {
    cause: '医保动态库运行中崩溃，终端不受影响',
    staff: '请患者刷新医保码后重新扫码；连续出现请信息科更换医保动态库的版本。',
    patient: '请刷新医保码，再扫一次。',
    retryable: true,
  },
  DLL_OVERRUN: {
    cause: '医保动态库写出的内容超过 8192 字节，不予采信',
    staff: '请信息科联系医保动态库的厂商；期间请患者出示社保卡或身份证。',
    patient: '医保码暂时不能读取，请出示社保卡或身份证。',
    retryable: false,
  },
  SCANNER_NOT_LENT: {
    cause: '扫码枪没能借给医保动态库',
    staff: '请稍候重新扫码；连续出现请在诊断页查看扫码枪由谁占用。',
    patient: '请稍候再扫一次。',
    retryable: true,
  },
  ORG_MISSING: {
    cause: '没有设置医保机构编码',
    staff: '请信息科填写 hospital.insuranceCode；期间请患者出示社保卡或身份证。',
    patient: '医保码暂时不能读取，请出示社保卡或身份证。',
    retryable: false,
  },
} as const satisfies ReturnCodeTable
export type OwnCode = keyof typeof OWN_CODES

const OTHER: Omit<ReturnCode, 'cause'> = {
  staff: '请患者在医保电子凭证里刷新后重新出示；仍不通过请改用社保卡或身份证，并把返回码告知信息科。',
  patient: '请刷新医保码，再扫一次。',
  retryable: true,
}

export function refusal(code: string, words: string | undefined): PlatformError {
  return new PlatformError('rejected', faultOfCode('e-voucher', code, undefined, OTHER, words))
}

export function ownError(code: OwnCode): PlatformError {
  return new PlatformError('unavailable', faultOfCode('e-voucher', code, OWN_CODES[code], OTHER), {
    sent: code !== 'ORG_MISSING' && code !== 'SCANNER_NOT_LENT',
  })
}
