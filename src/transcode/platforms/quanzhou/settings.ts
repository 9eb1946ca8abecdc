/** `platforms.quanzhou` of the settings file. */
import { z } from 'zod'
import { isSm2PrivateKey, isSm2PublicKey } from '../../crypto/sm2.ts'
import { textOf } from '../../secret.ts'
import { common, secret, text, url } from '../setting-fields.ts'
import { ENC_TYPES, SIGN_TYPES, UNDESCRIBED_TYPES } from './dictionaries.ts'

/** Shortest appId from which envelope `ec` can derive its SM4 key, characters. */
const EC_KEY_CHARACTERS = 16

/** Longest chs_fjs_appid, and longest chs_fjs_appsecret and chs_fjs_token (3.2.1), characters. */
const MOST_APP_ID = 20
export const MOST_SECRET = 100

/** A choice that has no default: the document names one thing and its sample shows another. */
const choice = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, {
    error: ({ input }) => {
      if (input === undefined) return 'required'
      const allowed = `must be one of ${values.join(', ')}`
      return UNDESCRIBED_TYPES.includes(String(input))
        ? `${allowed}: ${String(input)} is named in the document without a word on how 文档只列出名称，没有说明密钥、填充与格式，不能使用`
        : `${allowed} 取值不对`
    },
  })

/** Code -> label, for the codes that the document leaves to each site. */
const siteCodes = z.record(z.string(), z.string()).optional()

const inbound = z.strictObject({
  /** Address and port on which 获取医院收费信息 is answered. */
  listen: z
    .string()
    .regex(/^(\[[0-9a-f:]+\]|[^:\s]+):\d{1,5}$/i, 'must be host:port such as 0.0.0.0:9800')
    .describe('本机监听的地址和端口，供平台来询问收费信息；须请信息科放行平台的访问，如 0.0.0.0:9800'),
  /** Where the HIS answers the same question as plain JSON. */
  hisUrl: url().describe('HIS 提供的查询地址，本机收到平台询问后转问这里；由 HIS 厂商给出'),
  /** Largest request body, bytes. */
  maxBodyBytes: z
    .int()
    .min(1024)
    .max(1024 * 1024)
    .default(64 * 1024)
    .describe('请求体上限，字节'),
})

const fields = z.strictObject({
  ...common,
  envelope: z.enum(['chs', 'ec']).default('chs').describe('报文结构，由泉州医保对接人告知：chs 为 chs_fjs_* 字段（接口正文），ec 为安全规范附录的结构'),
  baseUrl: url().describe('平台接口的完整地址，报文原样提交到这里；取自医保局开通渠道的回函'),
  appId: text().describe('渠道编号 chs_fjs_appid：医保分配固定值，在开通渠道的回函中；文档样例为 ldxt'),
  appSecret: secret().optional().describe('渠道密钥 chs_fjs_appsecret，与渠道编号一同分配（安全规范 1.2 密钥模式）'),
  /** bizkey behind `&key=` of the string to sign; envelope `ec` has appSecret there. */
  bizKey: secret().optional().describe('分配的 bizkey，签名用，与渠道编号在同一份回函中；chs 报文必填'),
  /** Seed of the AES key. */
  salt: secret().optional().describe('加解密 salt，与 bizkey 一同分配；encType 为 AES 时必填，32 位左右的十六进制'),
  /** SM4 key of envelope `chs`: 32 hex characters or 16 characters as they stand. */
  sm4Key: secret(
    z
      .string()
      .min(1, 'required')
      .refine((key) => /^[0-9a-f]{32}$/i.test(key) || Buffer.byteLength(key) === 16, 'must be 32 hex characters or 16 characters'),
  )
    .optional()
    .describe('SM4 密钥，向平台对接人索取：32 位十六进制或 16 个字符；chs 报文且 encType 为 SM4 时必填'),
  signType: choice(SIGN_TYPES).describe('签名方式，按平台为本渠道配置的安全等级选；文档表格写 SM3，样例是 MD5，须向平台确认'),
  encType: choice(ENC_TYPES).describe('加解密方式，同样须向平台确认；文档表格写 SM4，样例是 AES'),
  auth: z.enum(['user', 'oauth2', 'anonymous']).default('user').describe('渠道认证（安全规范 1.2）：user 密钥模式，oauth2 授权码模式，anonymous 匿名；由平台为渠道配置'),
  tokenUrl: url().optional().describe('换取令牌的地址，auth 为 oauth2 时必填；文档没有写，向平台对接人索取'),
  /** SM2, 64 hex characters. */
  privateKey: secret().optional().describe('本院 SM2 私钥，64 位十六进制，signType 为 SM2 时必填；由信息科生成保管，公钥交给平台'),
  /** SM2, hex with or without the leading 04. */
  platformPublicKey: text().optional().describe('平台 SM2 公钥，128 或 130 位十六进制，signType 为 SM2 时必填；由平台对接人提供'),
  /** Where a site has lists of the codes that the document does not give, requests are held to them. */
  codes: z
    .strictObject({
      frez_type: siteCodes.describe('冻结类型代码表，由当地医保提供，JSON 形如 {"1": "名称"}；填了就按表检查请求，不填则原样传递'),
      re_frez_type: siteCodes.describe('解冻类型代码表，写法同 frez_type'),
      med_type: siteCodes.describe('就诊类型：代码表，写法同 frez_type'),
      sign_state: siteCodes.describe('签署状态：代码表，写法同 frez_type'),
      cntr_state: siteCodes.describe('预授权状态：代码表，写法同 frez_type'),
    })
    .default({})
    .describe('本地代码表：冻结类型、解冻类型、就诊类型、签署状态、预授权状态'),
  /** Which refusals of .02 say that nothing was done; without it those whose words are not about the call itself. */
  notFoundCodes: z.array(text()).optional().describe('BC00.03.00.02 用来表示“没有这个登记号的预授权”的返回码，收到即解除该登记号上结果未知的交易；文档的返回码表是空的，不填则凡不是凭证、签名、时间、系统原因的拒绝都算'),
  inbound: inbound.optional().describe('医院提供的“获取医院收费信息”接口'),
})

export type QuanzhouSettings = z.infer<typeof fields>
export type InboundSettings = z.infer<typeof inbound>

export const quanzhouSettings = fields.superRefine((settings, context) => {
  const fault = (path: keyof QuanzhouSettings, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message })
  const need = (path: keyof QuanzhouSettings, why: string) => {
    if (settings[path] === undefined) fault(path, `required ${why}`)
  }
  if (settings.envelope === 'chs') {
    // varchar of 3.2.1.
    if (settings.appId.length > MOST_APP_ID) fault('appId', `must have at most ${MOST_APP_ID} characters 渠道编号最多 ${MOST_APP_ID} 个字符`)
    if ((textOf(settings.appSecret)?.length ?? 0) > MOST_SECRET) fault('appSecret', `must have at most ${MOST_SECRET} characters 渠道密钥最多 ${MOST_SECRET} 个字符`)
    need('bizKey', 'for signing 签名需要分配的 bizkey')
    if (settings.auth === 'user') need('appSecret', 'when auth is user 密钥模式需要渠道密钥')
    if (settings.encType === 'SM4') need('sm4Key', 'when encType is SM4')
  } else {
    need('appSecret', 'when envelope is ec 签名与密钥都由它得出')
    if (settings.auth === 'oauth2')
      fault('auth', 'must be user or anonymous: envelope ec has no field for a token 该报文没有令牌字段')
    if (settings.encType === 'SM4' && settings.appId.length < EC_KEY_CHARACTERS) {
      fault('appId', `must have at least ${EC_KEY_CHARACTERS} characters: the SM4 key is derived from them`)
    }
  }
  if (settings.encType === 'AES') need('salt', 'when encType is AES')
  if (settings.auth === 'oauth2') {
    need('tokenUrl', 'when auth is oauth2')
    need('appSecret', 'when auth is oauth2')
  }
  if (settings.signType === 'SM2') {
    need('privateKey', 'when signType is SM2')
    need('platformPublicKey', 'when signType is SM2')
  }
  const privateKey = textOf(settings.privateKey)
  if (privateKey !== undefined && !isSm2PrivateKey(privateKey))
    fault('privateKey', 'must be an SM2 private key of 64 hex characters')
  if (settings.platformPublicKey !== undefined && !isSm2PublicKey(settings.platformPublicKey)) {
    fault('platformPublicKey', 'must be an SM2 public key in hex')
  }
})
