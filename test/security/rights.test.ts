/** Every route × every right × no token × a foreign page × a foreign name: who is let in is a table, everybody else is refused. */
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { servedRoutes } from '../support/api-routes.ts'
import { enterAsTechnician } from '../support/technician.ts'
import { startTestTerminal, TOKEN, until, type TestTerminal } from '../support/terminal.ts'

const CLIENTS = { scan: 'a-token-that-may-scan', result: 'a-token-that-may-hand-in', admin: 'a-token-that-may-retry' } as const
type Right = keyof typeof CLIENTS
const ALL: readonly Right[] = ['scan', 'result', 'admin']
const ORIGIN = 'https://his.example'
const NOBODYS = 'a-token-that-nobody-has'

/** Who may call what of the published interface; a route that is not here is nobody's. */
const MAY: Record<string, readonly Right[]> = {
  'POST /api/v1/tickets': ALL,
  'POST /api/v1/scans': ['scan'],
  'GET /api/v1/outcomes': ALL,
  'POST /api/v1/outcomes/{id}/choice': ['scan'],
  'POST /api/v1/outcomes/{id}/result': ['result'],
  'GET /api/v1/outbox': ALL,
  'POST /api/v1/outbox/{id}/retry': ['admin'],
  'GET /api/v1/openapi.json': ALL,
}
/** Internal calls that a screen may make before any PIN; of all others it is told 403. */
const SCREENS_OWN = /^(GET|PATCH) \/api\/v1\/screen$|\/api\/v1\/(session\/renewal|kiosk|rehearsal|staff-call|technician(\/pin|\/session)?)(\/|$)(?!end)|\/outcomes\/:id\/(reveal|dynamic-code|beijing-entry)$/
/** Needs no token: it is how one is got. */
const WITH_A_TICKET = 'POST /api/v1/session'

let t: TestTerminal
let port: number
let screen: string
let published: { method: string; path: string; may: readonly Right[] }[]

beforeAll(async () => {
  const clients = ALL.map((right) => ({ name: right, token: CLIENTS[right], rights: [right] }))
  t = await startTestTerminal({ settings: { api: { clients, allowedOrigins: [ORIGIN], maxRequestsPerMinute: 100_000 } } })
  port = Number(new URL(t.terminal.ready.api).port)
  screen = (await enterAsTechnician(t)).screenToken
  const { paths } = (await t.request('GET', '/api/v1/openapi.json')).body as { paths: Record<string, Record<string, unknown>> }
  published = Object.entries({ ...paths, '/api/v1/openapi.json': { get: {} } }).flatMap(([path, methods]) =>
    Object.keys(methods).flatMap((method) => {
      const key = `${method.toUpperCase()} ${path}`
      if (path === '/api/v1/health' || path === '/api/v1/events') return []
      return [{ method: method.toUpperCase(), path, may: path.startsWith('/api/v1/platforms/') ? (['scan'] as const) : (MAY[key] ?? []) }]
    }),
  )
})
afterAll(() => t.close())

function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<{ status: number; code: string }> {
  const url = path.replace(/\{\w+\}|:\w+/g, 'x')
  const body = method === 'GET' ? undefined : '{}'
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, method, path: url, headers: { ...(body ? { 'content-type': 'application/json', 'content-length': body.length } : {}), ...headers } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (data: string) => (text += data))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, code: /"code":"(\w+)"/.exec(text)?.[1] ?? '' }))
    })
    sent.on('error', reject).end(body)
  })
}
const as = (token: string) => ({ authorization: `Bearer ${token}` })

describe('the published interface', () => {
  test('has an entry in the table for each of its routes', () => {
    expect(published.filter(({ may }) => may.length === 0)).toEqual([])
    expect(published.length).toBeGreaterThan(30)
    expect(published.filter(({ path }) => !path.startsWith('/api/v1/platforms/')).length).toBe(Object.keys(MAY).length)
  })

  test.each(ALL)('lets `%s` in where it belongs and nowhere else', async (right) => {
    for (const { method, path, may } of published) {
      const { status, code } = await ask(method, path, as(CLIENTS[right]))
      if (may.includes(right)) expect([method, path, [401, 403].includes(status)]).toEqual([method, path, false])
      else expect([method, path, status, code]).toEqual([method, path, 403, 'FORBIDDEN_RIGHT'])
    }
  })

  test('asks everybody for a token, and takes none that is not its own', async () => {
    for (const { method, path } of published) {
      for (const headers of [{}, as(NOBODYS), as(''), { authorization: `Basic ${Buffer.from(`his:${TOKEN}`).toString('base64')}` }, { cookie: `token=${TOKEN}` }] as Record<string, string>[]) {
        expect([method, path, (await ask(method, path, headers)).status]).toEqual([method, path, 401])
      }
    }
  })
})

describe('the screens’ own calls', () => {
  test('are no HIS’s, whatever its rights, and nobody’s without a token', async () => {
    const own = servedRoutes().filter((key) => key !== WITH_A_TICKET && !published.some(({ method, path }) => key === `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`))
    const internal = own.filter((key) => !key.includes(':platform') && key !== 'GET /api/v1/health')
    expect(internal.length).toBeGreaterThan(35)
    for (const key of internal) {
      const [method = '', path = ''] = key.split(' ')
      expect([key, (await ask(method, path)).status]).toEqual([key, 401])
      expect([key, (await ask(method, path, as(NOBODYS))).status]).toEqual([key, 401])
      for (const token of [TOKEN, ...Object.values(CLIENTS)]) expect([key, (await ask(method, path, as(token))).code]).toEqual([key, 'FORBIDDEN_RIGHT'])
      // A screen is no technician.
      if (!SCREENS_OWN.test(key)) expect([key, (await ask(method, path, as(screen))).code]).toEqual([key, 'FORBIDDEN_RIGHT'])
    }
  })
})

describe('from elsewhere', () => {
  test('a foreign page and a foreign name are refused on every route, with any token', async () => {
    const every = [...published.map(({ method, path }) => `${method} ${path}`), ...servedRoutes(), 'GET /', 'GET /index.html', 'GET /api/v1/events']
    for (const key of every) {
      const [method = '', path = ''] = key.split(' ')
      for (const token of [TOKEN, screen]) {
        expect([key, (await ask(method, path, { ...as(token), origin: 'https://evil.example' })).code]).toEqual([key, 'FORBIDDEN_ORIGIN'])
        expect([key, (await ask(method, path, { ...as(token), host: `evil.example:${port}` })).code]).toEqual([key, 'FORBIDDEN_HOST'])
      }
    }
  })

  test('a link to a call is refused however its address is written', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    for (const path of ['/api/v1/outcomes', '/%61pi/v1/outcomes', '/api/%76%31/outcomes', '/api/v1/outcomes?x=/']) {
      expect([path, (await ask('GET', path, link)).code]).toEqual([path, 'FORBIDDEN_ORIGIN'])
    }
  })
})

describe('the events', () => {
  const open = (protocols: string[], query = '', headers: Record<string, string> = {}) =>
    new Promise<WebSocket | number>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/events${query}`, protocols, { headers })
      socket.once('open', () => resolve(socket)).once('unexpected-response', (_request, answer) => resolve(answer.statusCode ?? 0)).on('error', () => {})
    })
  const status = async (opening: Promise<WebSocket | number>) => {
    const opened = await opening
    if (typeof opened === 'number') return opened
    opened.terminate()
    return 101
  }
  const ticketOf = async (token: string) => (await t.request('POST', '/api/v1/tickets', {}, as(token))).body.ticket as string

  test('open to every right by header, subprotocol and ticket; to nobody else', async () => {
    for (const token of [TOKEN, screen, ...Object.values(CLIENTS)]) {
      expect(await status(open(['maqiao.v1', `bearer.${token}`]))).toBe(101)
      expect(await status(open([], '', as(token)))).toBe(101)
      const ticket = await ticketOf(token)
      expect(await status(open([], `?ticket=${ticket}`))).toBe(101)
      expect(await status(open([], `?ticket=${ticket}`))).toBe(401)
      for (const headers of [{ origin: 'https://evil.example' }, { host: `evil.example:${port}` }] as Record<string, string>[]) expect(await status(open(['maqiao.v1', `bearer.${token}`], '', headers))).toBe(403)
    }
    for (const protocols of [[], ['maqiao.v1'], ['maqiao.v1', `bearer.${NOBODYS}`]]) expect(await status(open(protocols))).toBe(401)
    expect(await status(open([], `?ticket=${NOBODYS}`))).toBe(401)
    expect(await status(open(['maqiao.v1', `bearer.${TOKEN}`], '', { origin: ORIGIN }))).toBe(101)
  })

  test('what only a technician hears is not told to others who ask for it', async () => {
    const heard: string[] = []
    const sockets = await Promise.all([TOKEN, screen].map((token) => open(['maqiao.v1', `bearer.${token}`], '?bytes=1')))
    for (const socket of sockets) (socket as WebSocket).on('message', (text) => heard.push((JSON.parse(String(text)) as { type: string }).type))
    await t.scanAtTty('MZ2020000101')
    await until(() => heard.filter((type) => type === 'outcome').length === 2)
    expect(heard).not.toContain('bytes')
    sockets.forEach((socket) => (socket as WebSocket).terminate())
  })
})

describe('rights do not grow', () => {
  test.each(ALL)('a ticket drawn with `%s` alone makes no screen', async (right) => {
    const { ticket } = (await t.request('POST', '/api/v1/tickets', {}, as(CLIENTS[right]))).body
    const session = await t.request('POST', '/api/v1/session', { ticket }, { authorization: '' })
    expect([session.status, session.body.error.code]).toEqual([403, 'FORBIDDEN_RIGHT'])
    // Used up all the same.
    expect((await t.request('GET', `/api/v1/outcomes?ticket=${ticket}`, undefined, { authorization: '' })).status).toBe(401)
  })

  test('a ticket carries the rights of its drawer and no more', async () => {
    for (const right of ALL) {
      const { ticket } = (await t.request('POST', '/api/v1/tickets', {}, as(CLIENTS[right]))).body
      expect((await ask('GET', `/api/v1/diagnostics?ticket=${ticket}`)).code).toBe('FORBIDDEN_RIGHT')
    }
  })
})
