/** 自助建卡 at the kiosk (电子健康卡 2.3): the picture read, the card registered and scanned, and no other operation. */
import { z } from 'zod'
import type { Agent } from '../agent/agent.ts'
import { AgentError } from '../agent/fault.ts'
import { route, type Route } from './route.ts'
import type { Sight } from './sight.ts'

const word = (most: number) => z.string().trim().min(1).max(most)

/** Whom the card is for: a newborn has 出生医学证明 (3.3.2) until there is an identity card. */
const ID_TYPE_OF = { self: '01', family: '01', newborn: '08' } as const

const personBody = z.strictObject({
  whom: z.enum(['self', 'family', 'newborn']),
  name: word(100),
  gender: z.enum(['男', '女']),
  nation: word(20),
  birthday: word(10),
  idNumber: word(40),
  phone1: word(20),
  address: z.string().max(200).optional(),
})

type CardInfo = { name?: string; gender?: string; nation?: string; birth?: string; id?: string; address?: string }

/** Whether the kiosk offers it: switched on, with a platform and a 微信身份码 that needs no phone. */
export function registrationOffered({ settings }: Pick<Agent, 'settings'>): boolean {
  return settings.kiosk.registration && settings.platforms.healthCard?.offlineWechatCode !== undefined
}

export function registrationRoutes(agent: Agent, sight: Sight): Route[] {
  const internal = { rights: ['kiosk'], status: 200, answer: z.unknown(), internal: true } as const

  /** One of the two calls; the audit says that it was made, never for whom. */
  function call(caller: string, operation: 'ocrInfo' | 'registerHealthCard', body: unknown, signal?: AbortSignal): Promise<unknown> {
    agent.audit.write(caller, 'operation.called', { platform: 'health-card', operation })
    return agent.call('health-card', operation, body, signal)
  }
  function mustBeOffered(): void {
    if (!registrationOffered(agent)) throw new AgentError('REGISTRATION_OFF')
  }

  return [
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/kiosk/registration/picture',
      summary: '自助建卡：身份证正面照片上的文字，供患者核对',
      // A frame of the camera as JPEG.
      maxBodyBytes: 2 * 1024 * 1024,
      body: z.strictObject({ imageContent: z.string().min(1).max(2_000_000) }),
      async handle({ caller, body, signal }) {
        mustBeOffered()
        const { cardInfo } = (await call(caller.name, 'ocrInfo', body, signal)) as { cardInfo: CardInfo }
        const { name = '', gender = '', nation = '', birth = '', id = '', address = '' } = cardInfo
        return { name, gender, nation, birthday: birth, idNumber: id, address }
      },
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/kiosk/registration',
      summary: '自助建卡：注册健康卡，再像扫到它的静态码一样给出结果；HIS 由此建档，提交结果时绑定院内 ID',
      body: personBody,
      async handle({ caller, body: { whom, ...person }, signal }) {
        mustBeOffered()
        // Not ended by the page's going away: a card that was made half is no card.
        const made = (await call(caller.name, 'registerHealthCard', { ...person, idType: ID_TYPE_OF[whom] })) as { qrCodeText: string; healthCardId?: string }
        // Who has left meanwhile has a card, and the next one at the screen must not see it.
        if (signal.aborted) return null
        // A dynamic code would count as a use when it is verified (3.2.11).
        const id = made.healthCardId || made.qrCodeText.split(':', 1)[0]!
        return sight.shown(caller, await agent.scan(`${id}:1`, { device: 'registration:screen', kind: 'keyboard' }))
      },
    }),
  ]
}
