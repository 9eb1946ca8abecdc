/** 粤健通 chapter 3: its codes with their words. They are its own: 06 means another thing in 泉州. */

/** 3.1 证件类型 */
export const CERTIFICATE_TYPES = {
  '01': '居民身份证',
  '02': '居民户口簿',
  '03': '护照',
  '04': '军官证',
  '05': '驾驶证',
  '06': '港澳居民来往内地通行证',
  '07': '台湾居民来往内地通行证',
  '08': '出生医学证明',
  '99': '其他法定有效证件',
} as const satisfies Record<string, string>

/** 3.2 性别; 保密 is what the patient wants, 未知 what nobody knows. */
export const GENDERS = { '1': '男', '2': '女', '3': '保密', '4': '未知' } as const satisfies Record<string, string>

/** 3.3 民族; 31 is printed as 达尔族. */
export const NATIONS = {
  '01': '汉族',
  '02': '蒙古族',
  '03': '回族',
  '04': '藏族',
  '05': '维吾尔族',
  '06': '苗族',
  '07': '彝族',
  '08': '壮族',
  '09': '布依族',
  '10': '朝鲜族',
  '11': '满族',
  '12': '侗族',
  '13': '瑶族',
  '14': '白族',
  '15': '土家族',
  '16': '哈尼族',
  '17': '哈萨克族',
  '18': '傣族',
  '19': '黎族',
  '20': '傈僳族',
  '21': '佤族',
  '22': '畲族',
  '23': '高山族',
  '24': '拉祜族',
  '25': '水族',
  '26': '东乡族',
  '27': '纳西族',
  '28': '景颇族',
  '29': '柯尔柯孜族',
  '30': '土族',
  '31': '达斡尔族',
  '32': '仫佬族',
  '33': '羌族',
  '34': '布朗族',
  '35': '撒拉族',
  '36': '毛南族',
  '37': '仡佬族',
  '38': '锡伯族',
  '39': '阿昌族',
  '40': '普米族',
  '41': '塔吉克族',
  '42': '怒族',
  '43': '乌孜别克族',
  '44': '俄罗斯族',
  '45': '鄂温克族',
  '46': '德昂族',
  '47': '保安族',
  '48': '裕固族',
  '49': '京族',
  '50': '塔塔尔族',
  '51': '独龙族',
  '52': '鄂伦春族',
  '53': '赫哲族',
  '54': '门巴族',
  '55': '珞巴族',
  '56': '基诺族',
  '99': '其它民族或外国人',
} as const satisfies Record<string, string>

/** 渠道 */
export const CHANNELS = { '1': '内地', '2': '港澳', '3': '台湾', '4': '外籍' } as const satisfies Record<string, string>

/** 业务类型; the document's list ends in dots, so others may be sent too. */
export const BUSINESS_TYPES = {
  1: '预约挂号',
  2: '健康档案查询',
  3: '家庭医生签约',
  4: '免疫接种',
  5: '双向转诊',
  6: '母子E手册',
  7: '智慧结控',
  8: '医疗废弃物',
  9: '中医药局',
  10: '奖励扶助',
  11: '托育',
  12: '健康深圳《新冠预约》',
} as const satisfies Record<number, string>

/** Largest 业务类型 that is sent: the list so far has two digits. */
export const MAX_BUSINESS_TYPE = 99

/** The word for a code, whatever its leading zeros; undefined where the table has none. */
export function wordOf(table: Readonly<Record<string, string>>, code: string | undefined): string | undefined {
  if (code === undefined) return undefined
  return Object.hasOwn(table, code)
    ? table[code]
    : Object.hasOwn(table, code.padStart(2, '0'))
      ? table[code.padStart(2, '0')]
      : undefined
}
