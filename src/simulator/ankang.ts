/** 安徽 安康码 played: 识读 7.2, 转码 7.3, 消息回传 7.4, 转码配置查询 7.5. */
import { createHash, randomBytes } from 'node:crypto'
import { fieldFault, isCompactTime, isFalseIdentityNumber, type FieldRule } from './fields.ts'
import type { Cards } from './health-card/cards.ts'
import { PEOPLE, personOf, type Person, type PersonKey } from './people.ts'
import { jsonReply, parseMembers, type Call, type Play, type Reply } from './play.ts'
import type { Trouble } from './trouble.ts'

const CODE_HEAD = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?'
const OPERATIONS = ['transcode', 'identify', 'message', 'config']

const TARGETS: Readonly<Record<string, string>> = {
  '002': '电子健康码',
  '003': '医保电子凭证',
  '001': '电子社保卡',
  '004': '一码通办',
  '050': '食堂就餐卡',
}
const SCENES = '01001 01002 01003 01004 01005 01006 02001 02002 02003 03001 03002 03003 04001 04002 04003 04004'.split(' ')

const cityNo: FieldRule = { pattern: /^(\d{6}|\d{12})$/ }
const targetType: FieldRule = { pattern: /^34\d{5}$/ }
const scene: FieldRule = { optional: true, oneOf: SCENES }
const ASKED = { cityNo, qrCodeUrl: {}, targetType, senceCode: scene, sceneCode: scene }
const RULES: Readonly<Record<string, Readonly<Record<string, FieldRule>>>> = {
  transcode: { ...ASKED, targetObject: { optional: true, check: (text) => parseMembers(text) !== undefined } },
  identify: ASKED,
  config: { cityNo, targetType },
  message: {
    cityNo,
    name: { max: 100 },
    idcardNo: { check: (text) => !isFalseIdentityNumber(text) },
    targetType,
    targetId: { max: 99 },
    tradeTime: { check: isCompactTime },
    tradeNo: { max: 49 },
    msg: {},
    tradeState: {},
  },
}

export type DataForm = 'array' | 'object' | 'string'
type IssuedCode = { person: Person; refuse?: [string, string]; trouble?: Trouble }
export type Ankang = Play & {
  /** A fresh code of a person; `refuse` is the errCode and errMsg it always gets. */
  mint(key: PersonKey, extra?: Omit<IssuedCode, 'person'>): string
  /** Every answer's `data` in this form; undefined: as the person's own. */
  setDataForm(form: DataForm | undefined): void
  /** Answers as few do: errCode 0 beside flag 200, null for no data, targets with one id or none. */
  setContrary(on: boolean): void
}

/** The code of a person that never changes and never dies. */
export function lastingAnkangCode(key: PersonKey): string {
  return codeText(createHash('md5').update(`maqiao ${key}`).digest('hex'))
}

export function createAnkang(cards: Cards): Ankang {
  const lasting = new Map<string, IssuedCode>()
  const minted = new Map<string, IssuedCode>()
  let form: DataForm | undefined
  let contrary = false
  let messages: (Record<string, unknown> & { received: number })[] = []
  let asked: Record<string, number> = {}

  function begin(): void {
    minted.clear()
    messages = []
    asked = {}
    form = undefined
    contrary = false
    for (const person of PEOPLE) lasting.set(lastingAnkangCode(person.key as PersonKey), { person })
    // The sample of the document's chapter 6.
    lasting.set(codeText('9ec1b6b993b74b8687b06db24ad36d1b', '340000000000'), { person: personOf('lin') })
  }
  begin()

  function answer(call: Call): Reply {
    const reply = answerUsually(call)
    if (!contrary || reply.code !== '200') return reply
    const told = JSON.parse(reply.body) as { data?: unknown }
    if (Array.isArray(told.data) && told.data.length === 0) told.data = null
    return jsonReply({ ...told, flag: '200', errCode: '0' }, '200')
  }

  function answerUsually(call: Call): Reply {
    const request = parseMembers(call.body)
    if (request === undefined) return refusal('400', '请求不是 JSON 对象')
    const fault = fieldFault(request, RULES[call.operation] ?? {})
    if (fault !== undefined) return refusal('400', `参数 ${fault.field} ${fault.kind === 'missing' ? '不能为空' : '不合法'}`)
    const type = request['targetType'] as string
    if (TARGETS[type.slice(-3)] === undefined) return refusal('404', '目标码类型不存在')
    if (call.forcedCode !== undefined) return refusal(call.forcedCode, call.forcedMessage ?? `按要求返回 ${call.forcedCode}`)
    if (call.operation === 'message') return takeMessage(request)
    if (call.operation === 'config') return success(configOf(type, request['cityNo'] as string), form ?? 'object')

    const text = request['qrCodeUrl'] as string
    const code = minted.get(text) ?? lasting.get(text)
    if (code === undefined) return refusal('410', '安康码不存在或已失效')
    asked[call.operation] = (asked[call.operation] ?? 0) + 1
    if (code.refuse !== undefined) return refusal(...code.refuse, code.trouble)
    const items = targetsOf(code.person, type)
    if (call.operation === 'transcode') return success(items, form ?? code.person.dataAs, code.trouble)
    return success(identityOf(code.person, type, items[0]), form ?? identifyForm(code.person), code.trouble)
  }

  function targetsOf(person: Person, type: string): { targetQrCode: string; targetId: string; targetObject: string }[] {
    const kind = type.slice(-3)
    return Array.from({ length: person.targets[kind] ?? 0 }, (_, index) => {
      const seed = createHash('md5').update(`${person.key} ${type} ${index}`).digest('hex')
      return {
        targetQrCode: targetCode(person, kind, index, seed),
        targetId: contrary ? (kind === '003' ? '' : 'one-id') : seed,
        targetObject: JSON.stringify({ cardName: TARGETS[kind], order: index + 1 }),
      }
    })
  }

  function targetCode(person: Person, kind: string, index: number, seed: string): string {
    if (kind === '003') return `424${BigInt(`0x${seed}`).toString().slice(0, 25).padEnd(25, '0')}`
    if (kind !== '002') return `${kind}${seed.toUpperCase()}`
    // The second 电子健康码 of somebody is the one of the child they look after.
    return cards.mintDynamic(cards.ofPerson(index === 0 ? (person.key as PersonKey) : 'bao'))
  }

  function takeMessage(request: Record<string, unknown>): Reply {
    const before = messages.find((one) => one['tradeNo'] === request['tradeNo'])
    if (before !== undefined) before.received++
    else messages.push({ ...request, received: 1 })
    return jsonReply({ flag: '200', errCode: '200', errMsg: '消息接收成功' }, '200')
  }

  return {
    id: 'ankang',
    operationOf(method, pathname) {
      const operation = pathname.startsWith('/ankang/') ? pathname.slice('/ankang/'.length) : ''
      return method === 'POST' && OPERATIONS.includes(operation) ? operation : undefined
    },
    answer,
    books: () => ({ messages, asked }),
    reset: begin,
    mint(key, extra = {}) {
      const text = codeText(randomBytes(16).toString('hex'))
      if (minted.size > 50_000) minted.delete(minted.keys().next().value as string)
      minted.set(text, { person: personOf(key), ...extra })
      return text
    },
    setDataForm: (wanted) => void (form = wanted),
    setContrary: (on) => void (contrary = on),
  }
}

function codeText(id: string, city = '340100000000'): string {
  return `${CODE_HEAD}isScan=1&id=akm:qrcode:${id}&cityNo=${city}`
}

function identifyForm(person: Person): DataForm {
  return person.dataAs === 'string' ? 'string' : 'object'
}

function identityOf(person: Person, type: string, target: { targetId: string; targetObject: string } | undefined) {
  const told = person.authorised
    ? { name: person.name, idcardNo: person.idNumber, userPhone: person.phone, healthLevel: person.healthLevel }
    : {}
  return {
    ...told,
    isSelf: person.isSelf ? '1' : '0',
    authType: '2',
    authObject: createHash('md5').update(person.key).digest('hex'),
    dataSource: '1',
    targetType: type,
    targetId: target?.targetId ?? '',
    targetObject: target?.targetObject ?? '',
  }
}

function configOf(type: string, city: string) {
  const hospital = type.endsWith('050') ? ['02001'] : SCENES.filter((code) => code.startsWith('01'))
  return {
    belongarea: city.padEnd(12, '0'),
    targetName: TARGETS[type.slice(-3)],
    targetType: type,
    targetUrl: 'https://target.example.invalid/transcode',
    senceCode: hospital.join(','),
  }
}

function success(data: unknown, form: DataForm, trouble?: Trouble): Reply {
  let shaped = data
  if (form === 'string') shaped = JSON.stringify(data)
  else if (form === 'array' && !Array.isArray(data)) shaped = [data]
  else if (form === 'object' && Array.isArray(data) && data.length === 1) shaped = data[0]
  return jsonReply({ flag: '200', errCode: '200', errMsg: '成功', data: shaped }, '200', trouble)
}

function refusal(code: string, message: string, trouble?: Trouble): Reply {
  return jsonReply({ flag: code, errCode: code, errMsg: message }, code, trouble)
}
