/** Made-up people: numbers with a true check digit, belonging to nobody. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** An 18-character identity number for a birthday `yyyyMMdd` and a running number of three digits. */
export function identityNumber(birthday = '19850612', running = '004', area = '340101'): string {
  const digits = `${area}${birthday}${running}`
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * WEIGHTS[at]!, 0)
  return digits + '10X98765432'[sum % 11]
}

let counter = 0
const hex = (length: number): string => {
  counter += 1
  let text = ''
  while (text.length < length) text += (Math.imul(counter + text.length + 1, 2654435761) >>> 0).toString(16).padStart(8, '0')
  return text.slice(0, length)
}

export const AKM = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm'

/** Codes nobody has shown before, so that none is taken for a repeated read. */
export const codes = {
  ankang: (cityNo = '340000000000') => `${AKM}?isScan=1&id=akm:qrcode:${hex(32)}&cityNo=${cityNo}`,
  staticCard: () => `${hex(64).toUpperCase()}:1`,
  dynamicCard: () => `${hex(48).toUpperCase()}:0:${hex(32).toUpperCase()}::35020001001`,
  eVoucher: () => `424${String(Date.now()).padStart(15, '0')}${String((counter += 1)).padStart(10, '0')}`,
}
