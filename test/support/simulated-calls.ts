/** Calls on the played platforms, signed with the terminal's own canonical string: two hands, one text. */
import { createHash, randomUUID } from 'node:crypto'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { canonicalString } from '../../src/transcode/crypto/canonical.ts'

type Members = Record<string, unknown>
export type CardReply = { code: number; rsp: Members; requestId: string }

export const newRequestId = () => randomUUID().replaceAll('-', '').toUpperCase()

/** POSTs JSON (or a text as it stands) and parses the answer. */
export async function post(url: string, body: unknown): Promise<Members> {
  const response = await fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  return (await response.json()) as Members
}

/** A health card client that signs rightly unless `commonIn` overrides something. */
export function healthCardCaller(simulator: Simulator) {
  const { appId, appSecret } = simulator.settings().platforms.healthCard
  let appToken = ''

  async function call(operation: string, req: Members, commonIn: Members = {}): Promise<CardReply> {
    const common: Members = {
      appToken,
      requestId: newRequestId(),
      hospitalId: simulator.settings().hospital.id,
      timestamp: String(Math.floor(Date.now() / 1000)),
      ...commonIn,
    }
    common['sign'] ??= createHash('sha256').update(canonicalString({ ...common, ...req }, ['sign']) + appSecret).digest('base64')
    const path = operation === 'getAppToken' ? 'HealthOpenAuth/AuthObj/' : 'HealthOpenPlatform/ISVOpenObj/'
    const reply = await post(`${simulator.origin}/rest/auth/HealthCard/${path}${operation}`, { commonIn: common, req })
    const out = reply['commonOut'] as Members
    return { code: out['resultCode'] as number, requestId: out['requestId'] as string, rsp: reply['rsp'] as Members }
  }

  return {
    call,
    async signIn(): Promise<string> {
      const { rsp } = await call('getAppToken', { appId }, { appToken: '' })
      appToken = String(rsp['appToken'])
      return appToken
    },
  }
}

/** A verifyQRCode request that is whole. */
export const verification = (qrCodeText: string): Members => ({
  qrCodeText,
  terminalId: 'W01',
  time: '2024-05-06 07:08:09',
  medicalStep: '010101',
  useCityCode: '340100',
  useCityName: '合肥市',
  hospitalCode: '01',
  hospitalName: '人民医院',
})

/** A reportHISData request that is whole, for a card code. */
export const usage = (qrCodeText: string): Members => ({
  qrCodeText,
  time: '2024-05-06 07:08:09',
  hospitalId: '10086',
  scene: '010101',
  department: '内科',
  cardType: '11',
  cardChannel: '0100',
})
