/** 北京 医保电子凭证 played: the entry page of 4.1 and checkFace of 4.2.2.2.2. */
import { createHash } from 'node:crypto'
import { aesDecrypt } from '../transcode/crypto/aes.ts'
import { fieldFault } from './fields.ts'
import { PEOPLE } from './people.ts'
import { jsonReply, parseMembers, type Call, type Play, type Reply } from './play.ts'
import { mergedMembers, signingText } from './signing-text.ts'

export type BeijingAccount = {
  hospitalCode: string
  appSecret: string
  /** 32 ASCII characters. */
  aesKey: string
  faceAppId: string
  faceAppSecret: string
}

const CLOCK_LIMIT_MS = 600_000
const ASKED = ['hospitalCode', 'userName', 'cardType', 'cardNo', 'timestamp', 'sign']

/** checkFace's answer by person; anybody else is a stranger. 0.70 is not above 0.7. */
const SIMILARITY: Readonly<Record<string, string>> = { lin: '0.93', ma: '0.70', miao: '0.7000001', fang: '0.42' }

export function createBeijing(account: BeijingAccount): Play {
  let entries: { userName: string; cardNo: string }[] = []
  let faces: { similarity: string }[] = []

  function answer(call: Call): Reply {
    return call.operation === 'entry' ? enter(call) : checkFace(call)
  }

  function enter(call: Call): Reply {
    const given: Record<string, string> = Object.fromEntries(call.url.searchParams)
    const absent = ASKED.find((name) => !given[name])
    if (absent !== undefined) return page(400, `缺少参数 ${absent}`)
    if (given['hospitalCode'] !== account.hospitalCode) return page(403, '医院编码不存在')
    if (given['cardType'] !== '01') return page(400, 'cardType 不合法')
    const at = Number(given['timestamp'])
    if (!/^\d{13}$/.test(given['timestamp'] as string) || Math.abs(call.now - at) > CLOCK_LIMIT_MS) return page(403, '时间戳不合法')
    const userName = opened(given['userName'] as string)
    const cardNo = opened(given['cardNo'] as string)
    if (userName === undefined || cardNo === undefined) return page(403, '解密失败')
    const plain = mergedMembers(given, { userName, cardNo })
    const text = `${signingText(plain, new Set(['sign']))}&appSecret=${account.appSecret}`
    if (given['sign'] !== createHash('sha256').update(text).digest('hex')) return page(403, '签名错误')
    if (call.forcedCode !== undefined) return page(Number(call.forcedCode), '按要求返回')
    entries.push({ userName, cardNo })
    return page(200, '医保电子凭证')
  }

  function opened(hex: string): string | undefined {
    if (!/^([0-9a-f]{32})+$/.test(hex)) return undefined
    try {
      return aesDecrypt(Buffer.from(account.aesKey, 'ascii'), Buffer.from(hex, 'hex')).toString('utf8')
    } catch {
      return undefined
    }
  }

  function checkFace(call: Call): Reply {
    const refuse = (code: number, message: string) => jsonReply({ code, message, data: null }, code)
    const request = parseMembers(call.body)
    if (request === undefined) return refuse(400, '请求不是 JSON 对象')
    const fault = fieldFault(request, { appId: {}, appSecret: {}, name: {}, certNo: {} })
    if (fault !== undefined) return refuse(400, `参数 ${fault.field} 不合法`)
    if (request['appId'] !== account.faceAppId || request['appSecret'] !== account.faceAppSecret) return refuse(401, '鉴权失败')
    if (call.forcedCode !== undefined) return refuse(Number(call.forcedCode), '按要求返回')
    const person = PEOPLE.find((one) => one.name === request['name'] && one.idNumber === request['certNo'])
    const similarity = SIMILARITY[person?.key ?? ''] ?? '0.05'
    faces.push({ similarity })
    return jsonReply({ code: 0, message: '成功', data: similarity }, 0)
  }

  return {
    id: 'beijing',
    operationOf(method, pathname) {
      if (method === 'GET' && pathname === '/beijing/entry') return 'entry'
      return method === 'POST' && pathname === '/beijing/checkFace' ? 'checkFace' : undefined
    },
    answer,
    books: () => ({ entries, faces }),
    reset() {
      entries = []
      faces = []
    },
  }
}

function page(status: number, title: string): Reply {
  const body = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>${title}</title></head><body>${title}</body></html>`
  return { status, type: 'text/html;charset=utf-8', body, code: String(status) }
}
