/** 泉州 医保信用就医 played: both envelopes, every signature and encryption, the token, the books. */
import { randomBytes } from 'node:crypto'
import { personOf } from '../people.ts'
import { isMembers, jsonReply, parseMembers, type Call, type Play, type Reply } from '../play.ts'
import { exactNumber } from '../signing-text.ts'
import { createLedger } from './ledger.ts'
import { profileOf, type ChannelKeys, type Profile } from './profile.ts'
import { FUNCTIONS } from './rules.ts'
import { isSignedBy, locked, opened, signatureOf, withoutInnerBlanks } from './wire.ts'

type Members = Record<string, unknown>
type Letter = { functionId: string; business: Members } | { refuse: [number, string] }

const CLOCK_LIMIT_MS = 600_000
const TOKEN_LIFE_MS = 7200_000
const BAD_TOKEN = '令牌无效或已过期'
const TOKEN_PATH = '/quanzhou/token'

/** Ways in which a platform may read the document otherwise than the terminal, or fall short of it. */
export type QuanzhouWays = {
  /** Lists (.01, .07) lack their last row, `total` does not. */
  shortList?: boolean
  /** .02 refuses: it knows of no such stay. */
  unknownStay?: boolean
  /** Answers hold inner members that are "", which are signed as they stand or left out of the signature. */
  blanks?: 'signed' | 'left-out'
  /** Tokens are no longer good, and are refused by HTTP 401 or by an answer without a signature. */
  refuseTokens?: 'status' | 'unsigned'
}

export function createQuanzhou(options: { keys: ChannelKeys }): Play & { setWays(ways: QuanzhouWays): void } {
  const { keys } = options
  const ledger = createLedger()
  let tokens = new Map<string, number>()
  let ways: QuanzhouWays = {}

  function answer(call: Call): Reply {
    if (call.operation === 'token') return giveToken(call)
    const profile = profileOf(call.url.pathname) as Profile
    const request = parseMembers(call.body)
    if (request === undefined) return sealed(profile, call, [-1, '报文不是 JSON 对象'])
    const letter = profile.envelope === 'chs' ? openChs(profile, request, call) : openEc(profile, request, call)
    if ('refuse' in letter) {
      if (profile.auth !== 'oauth2' || letter.refuse[1] !== BAD_TOKEN || ways.refuseTokens === undefined) return sealed(profile, call, letter.refuse)
      return ways.refuseTokens === 'status' ? { ...jsonReply({ error: 'invalid_token' }, 'invalid_token'), status: 401 } : jsonReply({ code: 1001, type: 'error', message: BAD_TOKEN }, 1001)
    }
    if (call.forcedCode !== undefined) return sealed(profile, call, [Number(call.forcedCode), '按要求返回'])
    if (!FUNCTIONS.includes(letter.functionId)) return sealed(profile, call, [1005, '服务编号不存在'])
    if (ways.unknownStay === true && letter.functionId === 'BC00.03.00.02') return sealed(profile, call, [3010, '未找到该登记号的预授权记录'])
    const entry = ledger.enter(letter.functionId, letter.business, call.now)
    return 'refuse' in entry ? sealed(profile, call, entry.refuse) : sealed(profile, call, [0, '成功'], written(amountsFor(letter.business, entry.data)))
  }

  /** The data as the ways have it. */
  function written(data: Members): Members {
    const { row, total } = data
    const listed = ways.shortList === true && Array.isArray(row) ? { ...data, row: row.slice(0, -1), total: Math.max(Number(total), 1) } : data
    return ways.blanks === undefined ? listed : { ...listed, memo: '', more: { memo: '', kept: '1' } }
  }

  function openChs(profile: Profile, request: Members, call: Call): Letter {
    const head: Members = {}
    const clear: Members = {}
    for (const [name, value] of Object.entries(request)) (name.startsWith('chs_fjs_') ? head : clear)[name] = value
    for (const name of ['chs_fjs_appid', 'chs_fjs_funid', 'chs_fjs_timestamp', 'chs_fjs_sign']) {
      if (typeof head[name] !== 'string' || head[name] === '') return { refuse: [1000, `${name} 不能为空`] }
    }
    const stranger = authFault(profile, head, call.now)
    if (stranger !== undefined) return { refuse: [1001, stranger] }
    if (!/^\d{13}$/.test(head['chs_fjs_timestamp'] as string)) return { refuse: [1002, '时间戳不合法'] }
    if (Math.abs(call.now - Number(head['chs_fjs_timestamp'])) > CLOCK_LIMIT_MS) return { refuse: [1002, '时间戳检查失败'] }
    const business = businessOf(profile, clear, head['chs_fjs_encdata'])
    if (business === undefined) return { refuse: [1004, '解密失败'] }
    const signed = { ...head, ...business }
    if (!isSignedBy(profile, signed, keys, 'terminal', head['chs_fjs_sign'])) return { refuse: [1003, '验签失败'] }
    return { functionId: head['chs_fjs_funid'] as string, business }
  }

  function openEc(profile: Profile, request: Members, call: Call): Letter {
    for (const name of ['appId', 'signData', 'signType', 'timestamp', 'transType', 'version']) {
      if (typeof request[name] !== 'string' || request[name] === '') return { refuse: [1000, `${name} 不能为空`] }
    }
    if (request['appId'] !== keys.appId) return { refuse: [1001, '渠道认证失败'] }
    if (request['signType'] !== profile.signType) return { refuse: [1000, 'signType 与约定不一致'] }
    if (profile.encType !== 'none' && request['encType'] !== profile.encType) return { refuse: [1000, 'encType 与约定不一致'] }
    const at = compactTime(request['timestamp'] as string)
    if (at === undefined || Math.abs(call.now - at) > CLOCK_LIMIT_MS) return { refuse: [1002, '时间戳检查失败'] }
    // Step 5 of 1.4.2 puts the cipher into `data`, its sample beside it.
    const cipher = request['encData'] ?? (typeof request['data'] === 'string' ? request['data'] : undefined)
    const clear = isMembers(request['data']) ? request['data'] : {}
    const business = businessOf(profile, clear, cipher)
    if (business === undefined) return { refuse: [1004, '解密失败'] }
    const signed = { ...request, data: business }
    if (!isSignedBy(profile, signed, keys, 'terminal', request['signData'])) return { refuse: [1003, '验签失败'] }
    return { functionId: request['transType'] as string, business }
  }

  /** The business members, which stand either in the clear or in the cipher, never in both. */
  function businessOf(profile: Profile, clear: Members, cipher: unknown): Members | undefined {
    const isEmpty = Object.keys(clear).length === 0
    if (profile.encType === 'none') return cipher === undefined || cipher === '' ? clear : undefined
    if (!isEmpty || typeof cipher !== 'string') return undefined
    const text = opened(profile, cipher, keys)
    return text === undefined ? undefined : parseMembers(text)
  }

  function authFault(profile: Profile, head: Members, now: number): string | undefined {
    if (head['chs_fjs_appid'] !== keys.appId) return '渠道不存在'
    if (profile.auth === 'user') return head['chs_fjs_appsecret'] === keys.appSecret ? undefined : '渠道密钥错误'
    if (head['chs_fjs_appsecret'] !== undefined && head['chs_fjs_appsecret'] !== '') return '不应携带渠道密钥'
    if (profile.auth === 'anonymous') return undefined
    const diesAt = tokens.get(String(head['chs_fjs_token'] ?? ''))
    return diesAt !== undefined && now < diesAt ? undefined : BAD_TOKEN
  }

  function sealed(profile: Profile, call: Call, [code, message]: [number, string], data?: Members): Reply {
    const wire = profile.envelope === 'chs' ? sealChs : sealEc
    return jsonReply(wire(profile, keys, { code, message, data, now: call.now, signer: 'platform', spoil: call.trouble === 'bad-signature', bare: ways.blanks === 'left-out' }), code)
  }

  /** OAuth2 is named by the document and not described: the client credentials grant of RFC 6749 4.4. */
  function giveToken(call: Call): Reply {
    const form = new URLSearchParams(call.body)
    if (form.get('grant_type') !== 'client_credentials') return { ...jsonReply({ error: 'unsupported_grant_type' }, 'grant'), status: 400 }
    if (form.get('client_id') !== keys.appId || form.get('client_secret') !== keys.appSecret) {
      return { ...jsonReply({ error: 'invalid_client' }, 'invalid_client'), status: 401 }
    }
    const token = randomBytes(24).toString('hex')
    tokens.set(token, call.now + TOKEN_LIFE_MS)
    return jsonReply({ access_token: token, token_type: 'Bearer', expires_in: TOKEN_LIFE_MS / 1000 }, 0)
  }

  return {
    id: 'quanzhou',
    operationOf(method, pathname, body) {
      if (method !== 'POST') return undefined
      if (pathname === TOKEN_PATH) return 'token'
      const profile = profileOf(pathname)
      if (profile === undefined) return undefined
      const name = parseMembers(body)?.[profile.envelope === 'chs' ? 'chs_fjs_funid' : 'transType']
      return typeof name === 'string' ? name : 'unknown'
    },
    answer,
    books: () => ledger.books(),
    setWays(wanted) {
      ways = wanted
      if (wanted.refuseTokens !== undefined) tokens = new Map()
    },
    reset() {
      ledger.reset()
      tokens = new Map()
      ways = {}
    },
  }
}

/** The tables type amounts Decimal and say no more: one person's answers write them as JSON numbers, the others' as text. */
function amountsFor(business: Members, data: Members): Members {
  if (business['cert_no'] !== personOf('ma').idNumber) return data
  const written = Object.entries(data).map(([name, value]) => [name, /amt$/.test(name) ? exactNumber(String(value)) : value])
  return Object.fromEntries(written) as Members
}

type Sealing = { code: number; message: string; data: Members | undefined; now: number; signer: 'terminal' | 'platform'; spoil: boolean; /** Signed without inner members that are "". */ bare: boolean }

/** The answer of envelope chs: the cipher holds the whole answer with its signature. */
function sealChs(profile: Profile, keys: ChannelKeys, { code, message, data, signer, spoil, bare }: Sealing): Members {
  const clear: Members = { code, type: code === 0 ? 'success' : 'error', message, ...(data === undefined ? {} : { data }) }
  const chs_fjs_sign = spoiled(signatureOf(profile, bare ? withoutInnerBlanks(clear) : clear, keys, signer), spoil)
  if (profile.encType === 'none') return { ...clear, chs_fjs_sign }
  const inside = JSON.stringify({ chs_fjs_sign, ...clear })
  return { code, type: clear['type'], chs_fjs_sign, chs_fjs_encdata: locked(profile, inside, keys) }
}

function sealEc(profile: Profile, keys: ChannelKeys, { code, message, data, now, signer, spoil, bare }: Sealing): Members {
  const clear: Members = {
    ...(data === undefined ? {} : { data }),
    ...(profile.encType === 'none' ? {} : { encType: profile.encType }),
    respCode: String(code),
    respMsg: message,
    signType: profile.signType,
    timestamp: compactText(now),
  }
  const signData = spoiled(signatureOf(profile, bare ? withoutInnerBlanks(clear) : clear, keys, signer), spoil)
  if (profile.encType === 'none' || data === undefined) return { ...clear, signData }
  const { data: inside, ...outside } = clear
  return { ...outside, encData: locked(profile, JSON.stringify(inside), keys), signData }
}

function spoiled(signature: string, spoil: boolean): string {
  if (!spoil) return signature
  return (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
}

/** yyyyMMddHHmmss with or without milliseconds, China's time -> ms since 1970. */
function compactTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})?$/.exec(text)
  if (parts === null) return undefined
  const at = Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}.${parts[7] ?? '000'}+08:00`)
  return Number.isNaN(at) ? undefined : at
}

function compactText(at: number): string {
  return new Date(at + 8 * 3600_000).toISOString().replace(/[-T:.Z]/g, '').slice(0, 17)
}
