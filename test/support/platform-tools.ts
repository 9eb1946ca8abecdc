/** What a platform is given in a unit test: a client that answers from a function, a clock and ids that count. */
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
  hospital: { id: '10086', code: '01', name: '人民医院', cityCode: '340100', cityName: '合肥市' },
}

export type Answering = (request: HttpRequest, count: number) => Partial<HttpReply> | object | string | Promise<Partial<HttpReply> | object | string>

/** A reply object is sent as JSON with status 200; a text as it stands; `{ status, text }` as a whole reply. */
export function platformTools(answering: Answering, options: { now?: () => number; site?: Site } = {}) {
  const requests: HttpRequest[] = []
  const logged: { event: string; fields: Record<string, unknown> | undefined }[] = []
  let ids = 0
  const http: HttpClient = {
    async send(request) {
      requests.push(request)
      const answer = await answering(request, requests.length)
      const whole: Partial<HttpReply> =
        typeof answer === 'string' ? { text: answer } : 'text' in answer && 'status' in answer ? answer : { text: JSON.stringify(answer) }
      return { status: 200, headers: {}, text: '', ms: 1, ...whole }
    },
    close: async () => {},
  }
  const tools: PlatformTools = {
    http,
    now: options.now ?? (() => Date.UTC(2026, 0, 2, 3, 4, 5)),
    newId: () => String((ids += 1)).padStart(32, '0'),
    site: structuredClone(options.site ?? SITE),
    log: (event, fields) => void logged.push({ event, fields }),
  }
  return { tools, requests, logged, bodies: () => requests.map((request) => JSON.parse(request.body ?? '{}') as Record<string, never>) }
}
