import type { HttpClient, HttpReply, HttpRequest } from '../../src/transcode/platforms/http.ts'
import type { PlatformTools, Site } from '../../src/transcode/platforms/platform.ts'

export const SITE: Site = {
  terminal: {
    id: 'W01',
    mode: 'window',
    cityNo: '340100000000',
    sceneCode: '01002',
    medicalStep: '010101',
    channel: '0100',
    department: '内科',
  },
  hospital: {
    id: '10086',
    code: '01',
    name: '人民医院',
    cityCode: '340100',
    cityName: '合肥市',
    insuranceCode: 'H34010000001',
  },
}

export type Played = { status?: number; body?: unknown; headers?: Record<string, string>; clockSkewMs?: number }

/** A client that keeps what it was asked to send and answers with what the test says. */
export function playedHttp(answer: (request: HttpRequest) => Played | Promise<Played>): {
  http: HttpClient
  sent: HttpRequest[]
} {
  const sent: HttpRequest[] = []
  return {
    sent,
    http: {
      async send(request): Promise<HttpReply> {
        sent.push(request)
        const { status = 200, body = '', headers = {}, clockSkewMs } = await answer(request)
        const text = typeof body === 'string' ? body : JSON.stringify(body)
        return { status, headers, text, ms: 1, ...(clockSkewMs !== undefined && { clockSkewMs }) }
      },
      close: async () => {},
    },
  }
}

/** Tools of a fixed site at a fixed time; `logged` keeps every line. */
export function playedTools(http: HttpClient, options: { now?: number; newId?: string; site?: Site } = {}) {
  const logged: string[] = []
  const tools: PlatformTools = {
    http,
    now: () => options.now ?? Date.parse('2024-03-05T10:00:00+08:00'),
    newId: () => options.newId ?? 'F'.repeat(32),
    site: options.site ?? SITE,
    log: (event, fields) => logged.push(`${event} ${JSON.stringify(fields ?? {})}`),
  }
  return { tools, logged }
}
