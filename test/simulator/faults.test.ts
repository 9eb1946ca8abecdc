import { get } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lastingAnkangCode } from '../../src/simulator/ankang.ts'
import type { Fault } from '../../src/simulator/faults.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'

const simulator = createSimulator()
const question = JSON.stringify({ cityNo: '340100000000', qrCodeUrl: lastingAnkangCode('lin'), targetType: '3401002' })
const ask = (signal?: AbortSignal) =>
  fetch(`${simulator.origin}/ankang/transcode`, { method: 'POST', body: question, ...(signal ? { signal } : {}) })
const control = (call: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${simulator.origin}/_control/${call}`, { method: 'POST', body: JSON.stringify(body), headers })
const order = (fault: Omit<Fault, 'platform'>) => simulator.control.fault({ platform: 'ankang', times: 1, ...fault })
const asked = () => (simulator.books()['ankang']?.['asked'] as Record<string, number>)['transcode'] ?? 0

beforeAll(async () => {
  await simulator.listen()
})
afterAll(() => simulator.close())
beforeEach(() => simulator.control.reset())

describe('troubles', () => {
  it('html: a page of a proxy', async () => {
    order({ mode: 'html' })
    const response = await ask()
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html;charset=utf-8'])
    expect(await response.text()).toContain('<html>')
    expect(asked()).toBe(0)
  })

  it('empty: 200 and nothing', async () => {
    order({ mode: 'empty' })
    expect(await (await ask()).text()).toBe('')
  })

  it('status: 500 or 503, with retry-after', async () => {
    order({ mode: 'status', status: 503, retryAfterSec: 7 })
    const response = await ask()
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7'])
    order({ mode: 'status', status: 500 })
    expect((await ask()).status).toBe(500)
  })

  it('body: any text', async () => {
    order({ mode: 'body', body: '[1,2]' })
    expect(await (await ask()).text()).toBe('[1,2]')
  })

  it('reset and truncated: the connection breaks', async () => {
    order({ mode: 'reset' })
    await expect(ask()).rejects.toThrow()
    order({ mode: 'truncated' })
    await expect(ask().then((response) => response.text())).rejects.toThrow()
  })

  it('hang: nothing until the caller gives up; recorded says whether the work is done', async () => {
    order({ mode: 'hang' })
    await expect(ask(AbortSignal.timeout(150))).rejects.toThrow()
    expect(asked()).toBe(0)
    order({ mode: 'hang', recorded: true })
    await expect(ask(AbortSignal.timeout(150))).rejects.toThrow()
    expect(asked()).toBe(1)
  })

  it('slow: the true answer, later', async () => {
    order({ mode: 'slow', delayMs: 120 })
    const startedAt = performance.now()
    expect(await (await ask()).json()).toMatchObject({ flag: '200' })
    expect(performance.now() - startedAt).toBeGreaterThan(110)
  })

  it('drip: the true answer, a byte at a time', async () => {
    order({ mode: 'drip', delayMs: 1 })
    expect(await (await ask()).json()).toMatchObject({ flag: '200' })
  })

  it('endless: more than anybody wants', async () => {
    const size = await new Promise<number>((resolve) => {
      let read = 0
      simulator.control.fault({ platform: 'beijing', mode: 'endless', times: 1 })
      get(`${simulator.origin}/beijing/entry`, (response) => {
        response.on('data', (chunk: Buffer) => {
          read += chunk.length
          if (read < 4_000_000) return
          response.destroy()
          resolve(read)
        })
      })
    })
    expect(size).toBeGreaterThanOrEqual(4_000_000)
  })

  it('code: any return code, and only as often as ordered', async () => {
    order({ mode: 'code', code: '503', times: 2 })
    const codes = []
    for (let call = 0; call < 3; call++) codes.push(((await (await ask()).json()) as { errCode: string }).errCode)
    expect(codes).toEqual(['503', '503', '200'])
  })

  it('an operation’s fault leaves the others alone', async () => {
    order({ mode: 'reset', operation: 'identify' })
    expect((await ask()).status).toBe(200)
    expect(simulator.control.faults()).toHaveLength(1)
  })
})

describe('the control desk', () => {
  it('takes faults, forgets them, and says what is wrong with a bad one', async () => {
    expect((await control('fault', { platform: 'ankang', mode: 'empty' })).status).toBe(200)
    expect(await (await ask()).text()).toBe('')
    expect((await control('reset', {})).status).toBe(200)
    expect(await (await ask()).text()).not.toBe('')
    for (const bad of [{ platform: 'x', mode: 'empty' }, { platform: 'ankang', mode: 'x' }, { platform: 'ankang', mode: 'code' }, { platform: 'ankang', mode: 'slow', delayMs: -1 }]) {
      expect((await control('fault', bad)).status).toBe(400)
    }
  })

  it('moves the platforms’ clock, date header included', async () => {
    await control('clock', { skewMs: 1_200_000 })
    const date = Date.parse((await ask()).headers.get('date') ?? '')
    expect(Math.abs(date - Date.now() - 1_200_000)).toBeLessThan(2000)
    expect((await control('clock', { skewMs: 'x' })).status).toBe(400)
  })

  it('shows books and requests, these without anything personal', async () => {
    await ask()
    const books = await (await fetch(`${simulator.origin}/_control/books`)).json()
    expect(Object.keys(books as object)).toEqual(['ankang', 'health-card', 'quanzhou', 'beijing', 'yuejiantong', 'e-voucher'])
    const text = await (await fetch(`${simulator.origin}/_control/requests`)).text()
    expect(JSON.parse(text)).toMatchObject({ requests: [{ operation: 'transcode', ended: '200', fields: { cityNo: '340100000000' } }] })
    expect(text).not.toContain('akm:qrcode')
  })

  it('hands out samples, fresh each time', async () => {
    const read = async () => (await (await fetch(`${simulator.origin}/_control/samples`)).json()) as { samples: { id: string; text: string }[] }
    const [first, second] = [await read(), await read()]
    expect(first.samples[0]?.text).not.toBe(second.samples[0]?.text)
    expect(first.samples.map(({ id }) => id)).toEqual(second.samples.map(({ id }) => id))
  })

  it('refuses pages in a browser', async () => {
    expect((await control('reset', {}, { origin: 'https://evil.example' })).status).toBe(403)
  })

  it('listens on this machine only, and can be gone for a while', async () => {
    expect(new URL(simulator.origin).hostname).toBe('127.0.0.1')
    const back = await simulator.outage()
    await expect(ask()).rejects.toThrow()
    await back()
    expect((await ask()).status).toBe(200)
  })
})

it('answers in well under 1 ms of its own work', async () => {
  for (let call = 0; call < 200; call++) await (await ask()).text()
  const times = simulator.control.requests().map(({ ms }) => ms).sort((a, b) => a - b)
  expect(times[100]).toBeLessThan(0.5)
})
