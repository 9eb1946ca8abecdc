/** Settings of a whole hospital for these tests, each platform where the test says. */
import { CARD } from './fake-health-card.ts'
import { TOKEN } from './agent.ts'

export const HOSPITAL = { id: CARD.hospitalId, code: '01', name: '人民医院', cityCode: '340100', cityName: '合肥市', insuranceCode: 'H34010000001' }
export const TERMINAL = { id: 'W01', mode: 'window', cityNo: '340100', sceneCode: '01002', medicalStep: '010101', channel: '0100', department: '内科' }

export const ankang = (url: string, more: Record<string, unknown> = {}) => ({
  targetTypes: ['3401002', '3401003'],
  endpoints: { transcode: `${url}/transcode`, identify: `${url}/identify`, message: `${url}/message`, config: `${url}/config` },
  requestTimeoutMs: 600,
  ...more,
})

export const healthCard = (baseUrl: string, more: Record<string, unknown> = {}) => ({
  baseUrl,
  appId: CARD.appId,
  appSecret: CARD.appSecret,
  requestTimeoutMs: 600,
  ...more,
})

export const settings = (platforms: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  terminal: TERMINAL,
  hospital: HOSPITAL,
  platforms,
  recognition: { repeatWithinMs: 0 },
  outbox: { retryFirstMs: 40, retryMaxMs: 200 },
  api: { port: 0, token: TOKEN, allowedOrigins: ['https://his.example'] },
  log: { level: 'debug' },
  ...more,
})
