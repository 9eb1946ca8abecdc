/** Sample codes: every format and every ending, each one click in the rehearsal tray. */
import type { Ankang } from './ankang.ts'
import type { Cards } from './health-card/cards.ts'
import { personOf, type PersonKey } from './people.ts'
import type { Trouble } from './trouble.ts'

export type Sample = {
  readonly id: string
  /** Format that recognition finds in it. */
  readonly format: string
  /** How it ends under the demo settings. */
  readonly ending: 'accepted' | 'choose' | 'rejected' | 'unavailable' | 'unrecognised'
  readonly title: string
  readonly note: string
  /** The code's text; one-use and dynamic ones are fresh at each call. */
  text(): string
}

/** What a demo profile sets under `recognition`, so that every sample is recognised. */
export const DEMO_RECOGNITION = {
  hospitalCard: '^MZ\\d{10}$',
  socialSecurityCard: '^SSC[0-9A-F]{24}$',
} as const

/** The 业务系统链接 that 粤健通 sample links stand on; never opened. */
export const DEMO_LINK = 'https://hospital.example/yuejiantong'

export function samplesOf(parts: { ankang: Ankang; cards: Cards; exchangeCode(key: PersonKey, errcode?: number): string }): Sample[] {
  const { ankang, cards, exchangeCode } = parts
  const dynamic = (key: PersonKey, extra: { refuse?: string; trouble?: Trouble; lifeMs?: number } = {}) =>
    cards.mintDynamic(cards.ofPerson(key), extra)
  const still = (key: PersonKey) => cards.staticCode(cards.ofPerson(key))
  const used = new Set<string>()
  const list: Sample[] = []
  const add = (format: string, ending: Sample['ending'], id: string, title: string, note: string, text: () => string) => {
    if (used.has(id)) throw new Error(`two samples ${id}`)
    used.add(id)
    list.push({ id, format, ending, title, note, text })
  }

  add('ankang', 'accepted', 'ankang-green', '安康码 · 绿码', '转码得到一张电子健康卡，随后核验并显示患者；识读流程下为绿码', () => ankang.mint('lin'))
  add('ankang', 'accepted', 'ankang-yellow', '安康码 · 黄码', '答复的 data 是 JSON 字符串；识读流程下为黄码', () => ankang.mint('ma'))
  add('ankang', 'accepted', 'ankang-red', '安康码 · 红码', '识读流程下为红码', () => ankang.mint('miao'))
  add('ankang', 'accepted', 'ankang-child', '安康码 · 代他人出示', '答复的 data 是单个对象；isSelf 为 0', () => ankang.mint('bao'))
  add('ankang', 'accepted', 'ankang-unauthorised', '安康码 · 未开通用授权', '识读流程下没有姓名与证件号码', () => ankang.mint('ouyang'))
  add('ankang', 'choose', 'ankang-several', '安康码 · 多个目标卡码', '本人与所照护儿童各一张电子健康码，需要选择', () => ankang.mint('fang'))
  add('ankang', 'accepted', 'ankang-partly', '安康码 · 核验失败', '转码成功，但电子健康卡已冻结（-10031）：列入未成功的查询', () => ankang.mint('han'))
  add('ankang', 'rejected', 'ankang-expired', '安康码 · 已失效', '平台答复安康码已失效', () =>
    ankang.mint('lin', { refuse: ['410', '安康码已失效，请刷新'] }))
  add('ankang', 'unavailable', 'ankang-timeout', '安康码 · 平台不答复', '一直等到超时', () => ankang.mint('lin', { trouble: { mode: 'hang' } }))
  add('ankang', 'accepted', 'ankang-slow', '安康码 · 平台很慢', '1.5 秒后才答复', () => ankang.mint('lin', { trouble: { mode: 'slow', delayMs: 1500 } }))
  add('ankang', 'unavailable', 'ankang-reset', '安康码 · 连接中断', '平台一侧断开连接', () => ankang.mint('lin', { trouble: { mode: 'reset' } }))
  add('ankang', 'unavailable', 'ankang-html', '安康码 · 网页代替答复', '网络准入网页，不是平台的答复', () => ankang.mint('lin', { trouble: { mode: 'html' } }))
  add('ankang', 'unavailable', 'ankang-503', '安康码 · 平台停机', 'HTTP 503，请 5 秒后再来', () =>
    ankang.mint('lin', { trouble: { mode: 'status', status: 503, retryAfterSec: 5 } }))

  add('health-card-static', 'accepted', 'card-static', '电子健康卡 · 静态码', '已绑定院内 ID 的患者', () => still('lin'))
  add('health-card-static', 'accepted', 'card-static-hk', '电子健康卡 · 港澳居民', '证件类型 06', () => still('chan'))
  add('health-card-static', 'accepted', 'card-static-passport', '电子健康卡 · 护照', '外籍患者，没有身份证号', () => still('smith'))
  add('health-card-static', 'rejected', 'card-static-frozen', '电子健康卡 · 已冻结', '返回码 -10031', () => still('han'))
  add('health-card-static', 'rejected', 'card-static-unknown', '电子健康卡 · 不存在', '返回码 -10019', () => `${'0F'.repeat(32)}:1`)
  add('health-card-dynamic', 'accepted', 'card-dynamic', '电子健康卡 · 动态码', '一次有效，核验即计为一次用卡', () => dynamic('miao'))
  add('health-card-dynamic', 'rejected', 'card-dynamic-identity', '电子健康卡 · 核身异常', '返回码 -10038', () => dynamic('ma', { refuse: '-10038' }))
  add('health-card-dynamic', 'rejected', 'card-dynamic-expired', '电子健康卡 · 动态码过期', '返回码 10020', () => dynamic('lin', { lifeMs: 0 }))
  add('health-card-dynamic', 'unavailable', 'card-dynamic-spent', '电子健康卡 · 核验后断线', '平台已计数，答复丢失：须请患者刷新二维码', () =>
    dynamic('lin', { trouble: { mode: 'reset', recorded: true } }))
  add('health-card-dynamic', 'unavailable', 'card-dynamic-timeout', '电子健康卡 · 核验后超时', '平台已计数而不答复：须请患者刷新二维码', () =>
    dynamic('lin', { trouble: { mode: 'hang', recorded: true } }))
  add('health-card-dynamic', 'unavailable', 'card-dynamic-fault', '电子健康卡 · 卡管平台异常', '返回码 -1', () => dynamic('lin', { refuse: '-1' }))

  add('e-voucher', 'accepted', 'e-voucher', '医保电子凭证', '由医保网关解码', () => `424${eVoucherDigits('lin')}`)
  add('e-voucher', 'accepted', 'e-voucher-flat', '医保电子凭证 · 另一种答复', '答复的字段与 code 并列，不在 data 里', () => `424${eVoucherDigits('ma')}`)
  add('e-voucher', 'rejected', 'e-voucher-refused', '医保电子凭证 · 解码被拒', '网关答复凭证已失效', () => `424${'9'.repeat(25)}`)
  add('social-security-card', 'accepted', 'social-security', '电子社保卡', '不查询平台，直接交给 HIS', () => 'SSC0123456789ABCDEF01234567')
  add('hospital-card', 'accepted', 'hospital-card', '院内就诊卡', '不查询平台，直接交给 HIS', () => 'MZ2020000101')
  add('identity-number', 'accepted', 'identity-number', '身份证号', '日期与校验码都正确', () => personOf('lin').idNumber)
  add('yuejiantong', 'accepted', 'yuejiantong', '粤健通 · 链接', '5 分钟内有效，一次有效', () => `${DEMO_LINK}?code=${exchangeCode('lin')}`)
  add('yuejiantong', 'rejected', 'yuejiantong-refused', '粤健通 · code 已失效', '错误码 1', () => `${DEMO_LINK}?code=${exchangeCode('lin', 1)}`)

  add('payment', 'unrecognised', 'payment-wechat', '误示 · 微信付款码', '不保留任何内容', () => '134567890123456789')
  add('payment', 'unrecognised', 'payment-alipay', '误示 · 支付宝付款码', '不保留任何内容', () => '287654321098765432')
  add('payment', 'unrecognised', 'payment-unionpay', '误示 · 云闪付付款码', '不保留任何内容', () => '6221234567890123456')
  add('unknown', 'unrecognised', 'unknown-text', '误示 · 其他文字', '例如会员码', () => 'VIP-MEMBER-2024-0001')
  add('unknown', 'unrecognised', 'unknown-link', '误示 · 其他网址', '只识别，不打开', () => 'https://www.example.com/coupon?id=1')
  add('unknown', 'unrecognised', 'unknown-imitation', '误示 · 仿冒安康码', '网址相似，主机不同', () =>
    ankang.mint('lin').replace('akm.ahzwfw.gov.cn', 'akm.ahzwfw.gov.cn.evil.example'))
  add('unknown', 'unrecognised', 'unknown-half', '误示 · 半截的码', '扫码中断，只读到一半', () => ankang.mint('lin').slice(0, 45))
  add('unknown', 'unrecognised', 'unknown-identity', '误示 · 错误的身份证号', '校验码不对', () => wrongIdentityNumber())
  return list
}

/** The 25 digits after 424 by which the played gateway knows a person. */
export function eVoucherDigits(key: PersonKey): string {
  return personOf(key).birthday.replaceAll('-', '').padEnd(25, '3')
}

function wrongIdentityNumber(): string {
  const right = personOf('lin').idNumber
  const last = right.at(-1)
  return right.slice(0, 17) + (last === '1' ? '2' : '1')
}
