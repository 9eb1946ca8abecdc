/** 微信电子健康卡开放平台 played: the gate, the interfaces, the books. */
import { randomBytes } from 'node:crypto'
import { jsonReply, type Call, type Play, type Reply } from '../play.ts'
import type { Cards } from './cards.ts'
import { createGateway, type Account, type IdOrder } from './gateway.ts'
import { operate, OPERATIONS, type Ledger } from './operations.ts'
import { RETURN_CODES } from './return-codes.ts'
import { wrongAnswer } from './wrong-answers.ts'

const TOKEN_PATH = '/rest/auth/HealthCard/HealthOpenAuth/AuthObj/getAppToken'
const PATH = '/rest/auth/HealthCard/HealthOpenPlatform/ISVOpenObj/'

export type HealthCard = Play & {
  /** Kills the token that is out, as another terminal of the hospital would. */
  killToken(): void
  setIdOrder(order: IdOrder): void
}

export function createHealthCard(options: { account: Account; cards: Cards; now(): number }): HealthCard {
  const { account, cards, now } = options
  const gateway = createGateway(account)
  let ledger: Ledger = { uses: [], bound: [], orders: [], registered: [] }
  let tokens = 0

  function answer(call: Call): Reply | Promise<Reply> {
    const { requestId, refuse, req } = gateway.admit(call.operation, call.body, call.now, call.forcedCode)
    const answerId = call.trouble === 'other-request' ? randomBytes(16).toString('hex').toUpperCase() : requestId
    if (refuse !== undefined) return reply(answerId, refuse, {}, undefined, refuse === call.forcedCode ? call.forcedMessage : undefined)
    if (call.operation === 'getAppToken') {
      tokens++
      return reply(answerId, '0', gateway.newToken(call.now))
    }
    const desk = { cards, ledger, now, appId: account.appId, hospitalId: account.hospitalId }
    const said = operate(desk, call.operation, req, requestId)
    const replied = (one: Awaited<typeof said>) => replyOf(answerId, 'rsp' in one ? { ...one, rsp: wrongAnswer(call.trouble, one.rsp, cards) } : one)
    return said instanceof Promise ? said.then(replied) : replied(said)
  }

  return {
    id: 'health-card',
    operationOf(method, pathname) {
      if (method !== 'POST') return undefined
      if (pathname === TOKEN_PATH) return 'getAppToken'
      const operation = pathname.startsWith(PATH) ? pathname.slice(PATH.length) : ''
      return operation !== 'getAppToken' && OPERATIONS.includes(operation) ? operation : undefined
    },
    answer,
    books: () => ({ ...ledger, tokens, cards: cards.list() }),
    reset() {
      gateway.reset()
      cards.reset()
      ledger = { uses: [], bound: [], orders: [], registered: [] }
      tokens = 0
    },
    killToken: () => gateway.killToken(),
    setIdOrder: (order) => gateway.setIdOrder(order),
  }
}

function replyOf(requestId: string, said: Awaited<ReturnType<typeof operate>>): Reply {
  return 'rsp' in said
    ? reply(requestId, '0', said.rsp, said.trouble)
    : reply(requestId, said.refuse, {}, said.trouble)
}

function reply(requestId: string, code: string, rsp: object, trouble?: Reply['trouble'], words?: string): Reply {
  const commonOut = { requestId, resultCode: Number(code), errMsg: words ?? RETURN_CODES[code] ?? '未知错误' }
  return jsonReply({ commonOut, rsp }, code, trouble)
}
