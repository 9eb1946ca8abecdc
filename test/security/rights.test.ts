/** Every route × every kind of caller × a foreign page × a foreign name: who is let in is a table, everybody else is refused. */
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { CLIENT_RIGHTS } from '../../src/agent/settings.ts'
import { servedRoutes } from '../support/api-routes.ts'
import { enterAsTechnician, listenAs } from '../support/technician.ts'
import { sampleText, startTestTerminal, TOKEN, until, type TestTerminal } from '../support/terminal.ts'

type Right = (typeof CLIENT_RIGHTS)[number]
const tokenOf = (right: Right) => `a-token-that-has-${right}-alone`
const ORIGIN = 'https://his.example'
const NOBODYS = 'a-token-that-nobody-has'

/** The kinds of callers: a token with each right alone, one with all, the two screens, technicians behind either. */
const KINDS = [...CLIENT_RIGHTS, 'all', 'desk', 'kiosk', 'technician'] as const
type Kind = (typeof KINDS)[number]
const SCREENS: readonly Kind[] = ['desk', 'kiosk', 'technician']
const STAFF: readonly Kind[] = ['desk', 'technician']

/** Who may call what. A route that is not here fails the test; 'public' needs no token. */
const MAY: Record<string, readonly Kind[] | 'public'> = {
  'GET /api/v1/health': 'public',
  // Needs a ticket instead: it is how a token is got.
  'POST /api/v1/session': 'public',
  'POST /api/v1/tickets': KINDS,
  'GET /api/v1/openapi.json': KINDS,
  'POST /api/v1/scans': ['scan', 'all', ...SCREENS],
  'GET /api/v1/outcomes': ['scan', 'result', 'admin', 'all', ...SCREENS],
  'POST /api/v1/outcomes/:id/choice': ['scan', 'all', ...SCREENS],
  'POST /api/v1/outcomes/:id/result': ['result', 'all'],
  'POST /api/v1/reports': ['result', 'all'],
  'POST /api/v1/screen/choice': SCREENS,
  'GET /api/v1/outbox': ['scan', 'result', 'admin', 'all', ...STAFF],
  'POST /api/v1/outbox/:id/retry': ['admin', 'all', 'technician'],
  'POST /api/v1/outbox/:id/settle': ['admin', 'all', 'technician'],
  'POST /api/v1/platforms/:platform/:operation': ['operations', 'all', 'technician'],
  'POST /api/v1/platforms/health-card/ocrInfo': ['operations', 'all', 'technician'],
  'POST /api/v1/outcomes/:id/reveal': ['all', ...STAFF],
  'POST /api/v1/outcomes/:id/dynamic-code': SCREENS,
  'POST /api/v1/outcomes/:id/beijing-entry': SCREENS,
  'GET /api/v1/screen': SCREENS,
  'PATCH /api/v1/screen': STAFF,
  'POST /api/v1/session/renewal': SCREENS,
  'POST /api/v1/session/ticket': SCREENS,
  'POST /api/v1/session/reload': SCREENS,
  'GET /api/v1/rehearsal': SCREENS,
  'GET /api/v1/rehearsal/:id/code': SCREENS,
  'POST /api/v1/rehearsal/:id/scan': SCREENS,
  'GET /api/v1/kiosk': SCREENS,
  'GET /api/v1/kiosk/recordings/:language/:prompt': SCREENS,
  'POST /api/v1/kiosk/registration/picture': ['kiosk'],
  'POST /api/v1/kiosk/registration': ['kiosk'],
  'POST /api/v1/visit/end': SCREENS,
  'POST /api/v1/staff-call': SCREENS,
  'POST /api/v1/staff-call/withdrawal': SCREENS,
  'POST /api/v1/staff-call/:id/seen': SCREENS,
  'GET /api/v1/technician': SCREENS,
  'POST /api/v1/technician/pin': SCREENS,
  'POST /api/v1/technician/session': SCREENS,
  'POST /api/v1/technician/session/end': ['technician'],
  'POST /api/v1/technician/leave': ['technician'],
}
/** Everything below is a technician's alone. */
const TECHNICIANS = /^\w+ \/api\/v1\/diagnostics(\/|$)/
const mayOf = (key: string) => MAY[key] ?? (TECHNICIANS.test(key) ? (['technician'] as const) : undefined)

let t: TestTerminal
let kiosk: TestTerminal
const routes = servedRoutes()
let callers: { kind: Kind; token: string; at: TestTerminal }[]

const settings = {
  api: {
    clients: [...CLIENT_RIGHTS.map((right) => ({ name: right, token: tokenOf(right), rights: [right] })), { name: 'unnamed', token: tokenOf('all' as Right) }],
    allowedOrigins: [ORIGIN],
    maxRequestsPerMinute: 100_000,
  },
}

beforeAll(async () => {
  t = await startTestTerminal({ settings })
  kiosk = await startTestTerminal({ settings: { ...settings, terminal: { id: 'K01', mode: 'kiosk' } } })
  const [atDesk, atKiosk] = [await enterAsTechnician(t), await enterAsTechnician(kiosk)]
  callers = [
    ...CLIENT_RIGHTS.map((right) => ({ kind: right, token: tokenOf(right), at: t })),
    { kind: 'all', token: TOKEN, at: t },
    // Without `rights` a token has them all.
    { kind: 'all', token: tokenOf('all' as Right), at: t },
    { kind: 'desk', token: atDesk.screenToken, at: t },
    { kind: 'kiosk', token: atKiosk.screenToken, at: kiosk },
    { kind: 'technician', token: atDesk.token, at: t },
    { kind: 'technician', token: atKiosk.token, at: kiosk },
  ]
})
afterAll(async () => {
  await t.close()
  await kiosk.close()
})

function ask(method: string, path: string, headers: Record<string, string> = {}, at = t): Promise<{ status: number; code: string }> {
  const url = path.replace(/:\w+/g, 'x')
  const body = method === 'GET' ? undefined : '{}'
  const port = Number(new URL(at.terminal.ready.api).port)
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

describe('the table', () => {
  test('has every route that is served and published, and no other', async () => {
    const { paths } = (await t.request('GET', '/api/v1/openapi.json')).body as { paths: Record<string, Record<string, unknown>> }
    const published = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`))
    const named = published.filter((key) => key !== 'GET /api/v1/events' && !/\/platforms\/[a-z-]+\/\w/.test(key))
    expect([...routes, ...named].filter((key) => mayOf(key) === undefined)).toEqual([])
    expect(Object.keys(MAY).filter((key) => key !== 'GET /api/v1/openapi.json' && !routes.includes(key))).toEqual([])
    expect(routes.length).toBeGreaterThan(50)
    expect(new Set(routes).size).toBe(routes.length)
  })

  test('lets each kind of caller in where it belongs and nowhere else', async () => {
    for (const key of [...routes, 'GET /api/v1/openapi.json', 'POST /api/v1/platforms/health-card/registerHealthCard', 'POST /api/v1/platforms/quanzhou/BC00.03.00.03']) {
      const [method = '', path = ''] = key.split(' ')
      // It ends the session, and the one that asks for another PIN counts as a failure.
      if (/technician\/(session\/end|pin|session)$/.test(path) || key === 'POST /api/v1/session') continue
      const may = mayOf(path.startsWith('/api/v1/platforms/') ? 'POST /api/v1/platforms/:platform/:operation' : key)
      for (const { kind, token, at } of callers) {
        const { status, code } = await ask(method, path, as(token), at)
        if (may === 'public' || may!.includes(kind)) expect([key, kind, [401, 403].includes(status)]).toEqual([key, kind, false])
        else expect([key, kind, status, code]).toEqual([key, kind, 403, 'FORBIDDEN_RIGHT'])
      }
    }
  })

  test.each(['technician/pin', 'technician/session', 'technician/session/end'])('%s is no client’s', async (path) => {
    const may = mayOf(`POST /api/v1/${path}`)
    for (const { kind, token, at } of callers) {
      if (!may!.includes(kind)) expect([kind, (await ask('POST', `/api/v1/${path}`, as(token), at)).code]).toEqual([kind, 'FORBIDDEN_RIGHT'])
    }
  })

  test('asks everybody for a token, and takes none that is not its own', async () => {
    for (const key of [...routes, 'GET /api/v1/openapi.json']) {
      if (mayOf(key) === 'public') continue
      const [method = '', path = ''] = key.split(' ')
      for (const headers of [{}, as(NOBODYS), as(''), { authorization: `Basic ${Buffer.from(`his:${TOKEN}`).toString('base64')}` }, { cookie: `token=${TOKEN}` }] as Record<string, string>[]) {
        expect([key, (await ask(method, path, headers)).status]).toEqual([key, 401])
      }
    }
  })
})

describe('from elsewhere', () => {
  test('a foreign page and a foreign name are refused on every route, with any token', async () => {
    const screen = callers.find(({ kind }) => kind === 'desk')!.token
    const port = Number(new URL(t.terminal.ready.api).port)
    for (const key of [...routes, 'GET /', 'GET /index.html', 'GET /api/v1/events', 'GET /api/v1/openapi.json']) {
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

describe('identity', () => {
  /** Whatever of a person this text has in it. */
  const tracesOf = (person: readonly string[], text: string) => person.filter((each) => text.includes(each))
  let person: string[]
  let id: string

  beforeAll(async () => {
    const outcome = await t.scan(sampleText(t.simulator, 'card-dynamic'))
    id = outcome.id
    const { name, idNumber, phone, address, healthCardId, phid, birthday, patid } = outcome.patient!
    person = [name, idNumber, phone, address, healthCardId, phid, birthday, patid, ...outcome.targets.flatMap((target) => [target.qrCode, target.id])].filter((each): each is string => !!each && each.length > 1)
    expect(person.length).toBeGreaterThan(3)
  })

  test.each(['result', 'admin'] as const)('a token with `%s` alone finds none: in lists, on the socket, by a ticket, in the outbox', async (right) => {
    const token = tokenOf(right)
    const list = await t.request('GET', '/api/v1/outcomes?after=0&limit=1000', undefined, as(token))
    expect(list.body.outcomes.some((outcome: { id: string }) => outcome.id === id)).toBe(true)
    const { ticket } = (await t.request('POST', '/api/v1/tickets', {}, as(token))).body as { ticket: string }
    const byTicket = await t.request('GET', `/api/v1/outcomes?after=0&limit=1000&ticket=${ticket}`, undefined, { authorization: '' })
    expect(byTicket.status).toBe(200)
    const outbox = await t.request('GET', '/api/v1/outbox', undefined, as(token))
    const socket = await listenAs(t, token, '?after=0')
    await until(() => socket.of('outcome').some(({ data }) => data.id === id))
    const live = await t.scan(sampleText(t.simulator, 'card-dynamic'))
    await until(() => socket.of('outcome').some(({ data }) => data.id === live.id))
    socket.close()
    for (const text of [list.body, byTicket.body, outbox.body, socket.events].map((each) => JSON.stringify(each))) expect(tracesOf(person, text)).toEqual([])
    // Nor what nobody thought of: a person's members are not there at all.
    expect(JSON.stringify([list.body, byTicket.body, socket.events])).not.toMatch(/"(patient|eVoucher)":/)
  })

  test('a token with `scan` has it in full, and may reveal nothing and call no operation', async () => {
    const list = await t.request('GET', '/api/v1/outcomes?after=0&limit=1000', undefined, as(tokenOf('scan')))
    expect(tracesOf(person, JSON.stringify(list.body))).toEqual(person)
  })

  test('`operations` without `scan` gets an answer with nobody’s name in it', async () => {
    const { body: whole } = await t.request('POST', '/api/v1/platforms/health-card/getHealthCardByQRCode', { qrCodeText: sampleText(t.simulator, 'card-static') })
    const { status, body: masked } = await t.request('POST', '/api/v1/platforms/health-card/getHealthCardByQRCode', { qrCodeText: sampleText(t.simulator, 'card-static') }, as(tokenOf('operations')))
    expect(status).toBe(200)
    expect(JSON.stringify(whole)).toContain(whole.card.idNumber)
    expect(tracesOf([whole.card.name, whole.card.idNumber, whole.card.phone1].filter(Boolean), JSON.stringify(masked))).toEqual([])
  })
})

describe('at a kiosk', () => {
  const screen = () => as(callers.find(({ kind }) => kind === 'kiosk')!.token)
  const seen = async () => (await kiosk.request('GET', '/api/v1/outcomes?after=0&limit=1000', undefined, screen())).body.outcomes as { id: string; patient?: { name?: string } }[]

  test('the screen has the present visit alone: neither the day nor anybody before', async () => {
    const first = await kiosk.scan(sampleText(kiosk.simulator, 'card-dynamic'))
    expect((await seen()).map(({ id }) => id)).toEqual([first.id])
    const second = await kiosk.scan(sampleText(kiosk.simulator, 'card-dynamic'))
    const [own, ...more] = await seen()
    expect([own?.id, more]).toEqual([second.id, []])
    expect(own?.patient?.name).toContain('*')
    for (const path of ['choice', 'dynamic-code', 'beijing-entry']) {
      const before = await kiosk.request('POST', `/api/v1/outcomes/${first.id}/${path}`, path === 'choice' ? { targetId: '#1' } : {}, screen())
      expect([path, before.status, before.body.error.code]).toEqual([path, 404, 'OUTCOME_UNKNOWN'])
    }
    // Those before come through the socket as having ended, and as nobody's.
    const socket = await listenAs(kiosk, screen().authorization.slice('Bearer '.length), '?after=0')
    await until(() => socket.of('outcome').some(({ data }) => data.id === second.id))
    socket.close()
    const told = Object.fromEntries(socket.of('outcome').map(({ data }) => [data.id, data.patient]))
    expect([told[first.id], typeof told[second.id]]).toEqual([undefined, 'object'])
    expect((await kiosk.request('POST', `/api/v1/outcomes/${second.id}/dynamic-code`, {}, screen())).status).toBe(200)
  })

  test('nothing is left once the patient has left; nobody can end a visit of the future', async () => {
    const outcome = await kiosk.scan(sampleText(kiosk.simulator, 'card-dynamic'))
    expect((await kiosk.request('POST', '/api/v1/visit/end', { at: Date.now() + 3_600_000 }, screen())).status).toBe(200)
    expect(await seen()).toEqual([])
    expect((await kiosk.request('POST', `/api/v1/outcomes/${outcome.id}/dynamic-code`, {}, screen())).status).toBe(404)
    await until(async () => (await kiosk.scan(sampleText(kiosk.simulator, 'card-dynamic'))) && (await seen()).length === 1)
  })
})

describe('the audit', () => {
  const lines = (what: string) => t.terminal.agent.audit.latest(500).filter((entry) => entry.what === what)

  test('names who reveals, whoever it is', async () => {
    const { id } = await t.scan(sampleText(t.simulator, 'card-dynamic'))
    const { length } = lines('outcome.revealed')
    for (const { kind, token, at } of callers.filter(({ kind, at }) => at === t && ['all', 'desk', 'technician'].includes(kind))) {
      expect([kind, (await at.request('POST', `/api/v1/outcomes/${id}/reveal`, { reason: '核对' }, as(token))).status]).toEqual([kind, 200])
    }
    const written = lines('outcome.revealed').slice(length)
    expect(written.map(({ who, detail }) => [who, detail['outcome'], detail['reason']])).toEqual(['his', 'unnamed', 'desk', 'technician'].map((who) => [who, id, '核对']))
  })

  test('names who calls what changes money or cards; who asks only is not written down, but for technicians', async () => {
    const { length } = lines('operation.called')
    const changing = ['quanzhou/BC00.03.00.03', 'quanzhou/BC00.03.00.04', 'quanzhou/BC00.03.00.05', 'quanzhou/BC00.03.00.06', 'health-card/registerHealthCard', 'health-card/reportHISData', 'health-card/verifyQRCode', 'health-card/getAppToken', 'ankang/message']
    const operators = callers.filter(({ kind, at }) => at === t && ['operations', 'all', 'technician'].includes(kind))
    for (const name of changing) for (const { token } of operators) await ask('POST', `/api/v1/platforms/${name}`, as(token))
    for (const { token } of operators) await ask('POST', '/api/v1/platforms/quanzhou/BC00.03.00.07', as(token))
    const written = lines('operation.called').slice(length).map(({ who, detail }) => `${who} ${detail['platform']}/${detail['operation']}`)
    const names = ['operations', 'his', 'unnamed', 'technician']
    expect(written).toEqual([...changing.flatMap((name) => names.map((who) => `${who} ${name}`)), 'technician quanzhou/BC00.03.00.07'])
  })
})

describe('the events', () => {
  const open = (protocols: string[], query = '', headers: Record<string, string> = {}) =>
    new Promise<WebSocket | number>((resolve) => {
      const socket = new WebSocket(`${t.terminal.ready.api.replace('http', 'ws')}/api/v1/events${query}`, protocols, { headers })
      socket.once('open', () => resolve(socket)).once('unexpected-response', (_request, answer) => resolve(answer.statusCode ?? 0)).on('error', () => {})
    })
  const status = async (opening: Promise<WebSocket | number>) => {
    const opened = await opening
    if (typeof opened === 'number') return opened
    opened.terminate()
    return 101
  }
  const ticketOf = async (token: string) => (await t.request('POST', '/api/v1/tickets', {}, as(token))).body.ticket as string

  test('open to every caller by header, subprotocol and ticket; to nobody else', async () => {
    const port = Number(new URL(t.terminal.ready.api).port)
    for (const { token, at } of callers) {
      if (at !== t) continue
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
    const screen = callers.find(({ kind }) => kind === 'desk')!.token
    const sockets = await Promise.all([TOKEN, screen].map((token) => open(['maqiao.v1', `bearer.${token}`], '?bytes=1')))
    for (const socket of sockets) (socket as WebSocket).on('message', (text) => heard.push((JSON.parse(String(text)) as { type: string }).type))
    await t.scanAtTty('MZ2020000101')
    await until(() => heard.filter((type) => type === 'outcome').length === 2)
    expect(heard).not.toContain('bytes')
    sockets.forEach((socket) => (socket as WebSocket).terminate())
  })
})

describe('rights do not grow', () => {
  test.each(CLIENT_RIGHTS)('a ticket drawn with `%s` alone makes no screen', async (right) => {
    const { ticket } = (await t.request('POST', '/api/v1/tickets', {}, as(tokenOf(right)))).body
    const session = await t.request('POST', '/api/v1/session', { ticket }, { authorization: '' })
    expect([session.status, session.body.error.code]).toEqual([403, 'FORBIDDEN_RIGHT'])
    // Used up all the same.
    expect((await t.request('GET', `/api/v1/outcomes?ticket=${ticket}`, undefined, { authorization: '' })).status).toBe(401)
  })

  test('a ticket carries the rights of its drawer and no more', async () => {
    for (const right of CLIENT_RIGHTS) {
      const { ticket } = (await t.request('POST', '/api/v1/tickets', {}, as(tokenOf(right)))).body
      expect((await ask('GET', `/api/v1/diagnostics?ticket=${ticket}`)).code).toBe('FORBIDDEN_RIGHT')
    }
  })
})
