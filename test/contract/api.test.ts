/** Who may call the local API and how: token, Origin, Host, tickets, the three ways into the events, replay, limits. */
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen, startAgent, TOKEN, until, type Agent } from './support/agent.ts'
import { identityNumber } from './support/people.ts'
import { settings } from './support/settings.ts'

let agent: Agent

beforeAll(async () => {
  agent = await startAgent(settings({}))
})
afterAll(() => agent?.close())

const bearer = { authorization: `Bearer ${TOKEN}` }

/** A raw request: fetch does not let Host be chosen. */
function raw(path: string, headers: Record<string, string>, method = 'GET'): Promise<{ status: number; headers: Record<string, unknown> }> {
  const { hostname, port } = new URL(agent.api)
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method, headers }, (response) => {
      response.resume()
      response.once('end', () => resolve({ status: response.statusCode!, headers: response.headers }))
    })
    request.once('error', reject)
    request.end()
  })
}

describe('token', () => {
  it('is needed for everything but health', async () => {
    expect((await fetch(`${agent.api}/api/v1/health`)).status).toBe(200)
    const calls: [string, string][] = [
      ['POST', '/api/v1/tickets'],
      ['POST', '/api/v1/scans'],
      ['GET', '/api/v1/outcomes'],
      ['POST', '/api/v1/outcomes/x/choice'],
      ['POST', '/api/v1/outcomes/x/result'],
      ['GET', '/api/v1/outbox'],
      ['POST', '/api/v1/outbox/x/retry'],
      ['POST', '/api/v1/platforms/beijing/entryUrl'],
    ]
    for (const [method, path] of calls) {
      for (const headers of [{}, { authorization: 'Bearer wrong-token-wrong-token' }, { authorization: TOKEN }, { authorization: `Basic ${TOKEN}` }]) {
        const response = await fetch(agent.api + path, { method, headers: headers as Record<string, string> })
        expect([path, response.status]).toEqual([path, 401])
        expect((await response.json()).error).toMatchObject({ code: expect.any(String), message: expect.stringMatching(/[一-龥]/) })
      }
    }
  })

  it('is not taken from the address', async () => {
    expect((await fetch(`${agent.api}/api/v1/outcomes?token=${TOKEN}`)).status).toBe(401)
    expect((await fetch(`${agent.api}/api/v1/outcomes?access_token=${TOKEN}`)).status).toBe(401)
  })
})

describe('health', () => {
  it('has its shape and nothing of patients', async () => {
    const { body } = await agent.request('GET', '/api/v1/health')
    expect(body).toMatchObject({ status: expect.any(String), version: expect.any(String), terminalId: 'W01', uptimeSec: expect.any(Number), outbox: { pending: 0, dead: 0 } })
    expect(body.platforms.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(['ankang', 'health-card', 'quanzhou', 'beijing', 'yuejiantong']))
    expect(Array.isArray(body.devices)).toBe(true)
  })
})

describe('Origin and Host', () => {
  it('lets a listed origin in, preflight included, and nobody else', async () => {
    const listed = await agent.request('GET', '/api/v1/outcomes', undefined, { origin: 'https://his.example' })
    expect(listed.status).toBe(200)
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://his.example')
    for (const origin of ['https://evil.example', 'https://his.example.evil.example', 'http://his.example', 'https://his.example:8443', 'null']) {
      expect([origin, (await agent.request('GET', '/api/v1/outcomes', undefined, { origin })).status]).toEqual([origin, 403])
      expect([origin, (await agent.request('GET', '/api/v1/health', undefined, { origin })).status]).toEqual([origin, 403])
    }
    const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' }
    const preflight = await fetch(`${agent.api}/api/v1/scans`, { method: 'OPTIONS', headers: { origin: 'https://his.example', ...asked } })
    expect([200, 204]).toContain(preflight.status)
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization')
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://his.example')
    const refused = await fetch(`${agent.api}/api/v1/scans`, { method: 'OPTIONS', headers: { origin: 'https://evil.example', ...asked } })
    expect(refused.status).toBe(403)
    expect(refused.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('answers a preflight of Local Network Access', async () => {
    const response = await fetch(`${agent.api}/api/v1/scans`, {
      method: 'OPTIONS',
      headers: { origin: 'https://his.example', 'access-control-request-method': 'POST', 'access-control-request-private-network': 'true' },
    })
    expect(response.headers.get('access-control-allow-private-network')).toBe('true')
  })

  it('refuses a Host that is not ours', async () => {
    const port = new URL(agent.api).port
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1:1', `127.0.0.1.evil.example:${port}`]) {
      expect([host, (await raw('/api/v1/health', { ...bearer, host })).status]).toEqual([host, 403])
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      expect([host, (await raw('/api/v1/health', { host })).status]).toEqual([host, 200])
    }
    expect((await raw('/', { host: 'evil.example' })).status).toBe(403)
  })

  it('refuses a WebSocket of another origin or host', async () => {
    await expect(listen(agent.api, '/api/v1/events', { headers: { ...bearer, origin: 'https://evil.example' } })).rejects.toThrow('403')
    await expect(listen(agent.api, '/api/v1/events', { headers: { ...bearer, host: 'evil.example' } })).rejects.toThrow('403')
  })
})

describe('scans', () => {
  it.each([
    ['no text', {}],
    ['an empty text', { text: '' }],
    ['a number', { text: 5 }],
    ['null', { text: null }],
    ['an array', []],
    ['no JSON', '{"text":'],
    ['nothing', ''],
  ])('answers 400 to %s', async (_name, body) => {
    const { status, body: answer } = await agent.request('POST', '/api/v1/scans', body)
    expect(status).toBe(400)
    expect(answer.error).toMatchObject({ code: expect.any(String), message: expect.stringMatching(/[一-龥]/) })
  })

  it('refuses another content type and a body of 5 MB', async () => {
    const form = await agent.request('POST', '/api/v1/scans', 'text=1', { 'content-type': 'application/x-www-form-urlencoded' })
    expect([400, 415]).toContain(form.status)
    const big = await agent.request('POST', '/api/v1/scans', { text: 'x'.repeat(5_000_000) }).catch(() => ({ status: 413 }))
    expect([400, 413]).toContain(big.status)
    expect((await agent.request('GET', '/api/v1/health')).status).toBe(200)
  })

  it('answers 404 where there is nothing', async () => {
    expect((await agent.request('GET', '/api/v1/nothing')).status).toBe(404)
    const off = await agent.request('POST', '/api/v1/platforms/beijing/entryUrl', { userName: '甲', cardNo: '1' })
    expect([off.status, off.body.error.code]).toEqual([503, 'PLATFORM_NOT_CONFIGURED'])
    expect((await agent.request('POST', '/api/v1/platforms/nobody/entryUrl', {})).status).toBe(404)
  })
})

describe('outcomes', () => {
  it('are listed oldest first after a number, as many as asked', async () => {
    const first = await agent.scan(identityNumber('19600101', '101'))
    const second = await agent.scan(identityNumber('19600102', '101'))
    const third = await agent.scan(identityNumber('19600103', '101'))
    const all = (await agent.request('GET', `/api/v1/outcomes?after=${first.seq - 1}`)).body.outcomes
    expect(all.map(({ id }: any) => id)).toEqual([first.id, second.id, third.id])
    expect(all[0]).toEqual(first)
    const one = (await agent.request('GET', `/api/v1/outcomes?after=${first.seq}&limit=1`)).body.outcomes
    expect(one.map(({ id }: any) => id)).toEqual([second.id])
    expect((await agent.request('GET', `/api/v1/outcomes?after=${third.seq}`)).body).toEqual({ outcomes: [] })
    for (const query of ['after=-1', 'after=x', 'limit=0', 'limit=x', 'after=1.5']) {
      expect([query, (await agent.request('GET', `/api/v1/outcomes?${query}`)).status]).toEqual([query, 400])
    }
  })
})

describe('tickets', () => {
  const ticket = async () => (await agent.request('POST', '/api/v1/tickets')).body as { ticket: string; expiresInMs: number }

  it('open the events once', async () => {
    const { ticket: one, expiresInMs } = await ticket()
    expect(expiresInMs).toBe(60_000)
    const events = await listen(agent.api, `/api/v1/events?ticket=${encodeURIComponent(one)}`)
    await until(() => events.events.length > 0)
    expect(events.events[0].type).toBe('hello')
    events.close()
    await expect(listen(agent.api, `/api/v1/events?ticket=${encodeURIComponent(one)}`)).rejects.toThrow('401')
    await expect(listen(agent.api, `/api/v1/events?ticket=made-up`)).rejects.toThrow('401')
  })

  it('of the readiness line open the screen once', async () => {
    const first = await fetch(agent.ui, { redirect: 'manual' })
    expect([200, 302, 303]).toContain(first.status)
    expect(first.headers.get('content-security-policy')).toMatch(/default-src/)
  })

  it('stand in nobody’s log', async () => {
    const { ticket: one } = await ticket()
    const events = await listen(agent.api, `/api/v1/events?ticket=${encodeURIComponent(one)}`)
    events.close()
    expect(agent.log()).not.toContain(one)
    expect(agent.log()).not.toContain(TOKEN)
  })
})

describe('events', () => {
  it('come in by header, by subprotocol and by ticket alike', async () => {
    const byHeader = await listen(agent.api, '/api/v1/events', { headers: bearer })
    const byProtocol = await listen(agent.api, '/api/v1/events', { protocols: ['maqiao.v1', `bearer.${TOKEN}`] })
    expect(byProtocol.socket.protocol).toBe('maqiao.v1')
    const outcome = await agent.scan(identityNumber('19700101', '222'))
    for (const listener of [byHeader, byProtocol]) {
      const event = await until(() => listener.events.find(({ type }) => type === 'outcome'))
      expect(event).toMatchObject({ type: 'outcome', seq: expect.any(Number), at: expect.any(String), data: outcome })
      expect(new Date(event.at).toISOString()).toBe(event.at)
      expect(listener.events[0].type).toBe('hello')
      listener.close()
    }
    await expect(listen(agent.api, '/api/v1/events')).rejects.toThrow('401')
    await expect(listen(agent.api, '/api/v1/events', { protocols: ['maqiao.v1', 'bearer.wrong-wrong-wrong-wrong'] })).rejects.toThrow('401')
    await expect(listen(agent.api, '/api/v1/events', { protocols: ['maqiao.v1'] })).rejects.toThrow('401')
  })

  it('replay what was missed, restarts included, without gap or double', async () => {
    const before = await listen(agent.api, '/api/v1/events', { headers: bearer })
    await agent.scan(identityNumber('19710101', '222'))
    const seen = await until(() => before.events.find(({ type }) => type === 'outcome'))
    before.close()
    const missed = [await agent.scan(identityNumber('19710102', '222')), await agent.scan(identityNumber('19710103', '222'))]
    await agent.stop()
    await agent.start()
    const fresh = await agent.scan(identityNumber('19710104', '222'))
    expect(fresh.seq).toBeGreaterThan(missed[1].seq)
    const after = await listen(agent.api, `/api/v1/events?after=${seen.seq}`, { headers: bearer })
    await until(() => after.events.filter(({ type }) => type === 'outcome').length >= 3)
    const later = await agent.scan(identityNumber('19710105', '222'))
    await until(() => after.events.some(({ data }) => data?.id === later.id))
    const outcomes = after.events.filter(({ type }) => type === 'outcome')
    expect(outcomes.map(({ data }) => data.id)).toEqual([...missed.map(({ id }) => id), fresh.id, later.id])
    const numbers = after.events.filter(({ type }) => type !== 'hello').map(({ seq }) => seq)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers[0]).toBeGreaterThan(seen.seq)
    after.close()
  })

  it('survive nonsense from the other side', async () => {
    const listener = await listen(agent.api, '/api/v1/events', { headers: bearer })
    listener.socket.send('nonsense')
    listener.socket.send(Buffer.alloc(2_000_000))
    await new Promise((done) => setTimeout(done, 200))
    listener.close()
    expect((await agent.request('GET', '/api/v1/health')).status).toBe(200)
    await expect(listen(agent.api, '/api/v1/events?after=x', { headers: bearer })).rejects.toThrow('400')
  })
})

it('publishes OpenAPI of every call of the contract', async () => {
  const { body } = await agent.request('GET', '/api/v1/openapi.json')
  expect(body.openapi).toMatch(/^3\./)
  const paths = ['health', 'tickets', 'scans', 'outcomes', 'outcomes/{id}/choice', 'outcomes/{id}/result', 'outbox', 'outbox/{id}/retry', 'events']
  expect(Object.keys(body.paths)).toEqual(expect.arrayContaining(paths.map((path) => `/api/v1/${path}`)))
})
