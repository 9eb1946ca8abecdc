/** The browser host against a real Chromium: opened by a ticket, confined, brought back. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openBrowser } from '../../../src/terminal/hosts/browser.ts'
import { HostError } from '../../../src/terminal/hosts/choose.ts'
import { findChromium } from '../../support/chromium.ts'

/** Runs what the test puts into the queue, and reports what it finds. */
const PAGE = `<!doctype html><title>screens</title><script>
  const told = (path, value) => fetch(path, { method: 'POST', body: JSON.stringify(value) })
  told('/opened', location.search)
  const step = async () => { const text = await (await fetch('/next')).text(); if (text) told('/said', String(await (0, eval)(text))); setTimeout(step, 50) }
  step()
</script>`

type Screens = { origin: string; tickets: string[]; said: string[]; run(script: string): void; close(): Promise<void> }

async function serveScreens(): Promise<Screens> {
  const screens = { tickets: [] as string[], said: [] as string[], queue: [] as string[] }
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      if (request.url === '/opened') {
        const ticket = new URLSearchParams(JSON.parse(body) as string).get('ticket')
        if (ticket !== null) screens.tickets.push(ticket)
      }
      if (request.url === '/said') screens.said.push(JSON.parse(body) as string)
      response.setHeader('content-type', 'text/html')
      response.end(request.url === '/next' ? (screens.queue.shift() ?? '') : request.method === 'POST' ? '' : PAGE)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    ...screens,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    run: (script) => void screens.queue.push(script),
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  }
}

let chromium: { executablePath: string; env: Record<string, string> }
let issued = 0
beforeAll(async () => {
  chromium = await findChromium()
  Object.assign(process.env, chromium.env)
})
afterEach(() => void (issued = 0))

async function opened({ kiosk = true } = {}) {
  const screens = await serveScreens()
  const profileDir = await mkdtemp(join(tmpdir(), 'maqiao-browser-'))
  const log: string[] = []
  /** How many tickets there had been at each end of a browser. */
  const ends: number[] = []
  const host = openBrowser({
    url: () => `${screens.origin}/?ticket=T${(issued += 1)}`,
    onEnded: () => void ends.push(screens.tickets.length),
    kiosk,
    profileDir,
    log: (event) => void log.push(event),
    binary: chromium.executablePath,
    // The headless shell has no app windows: the address stands for one.
    args: ['--headless', '--no-sandbox', '--disable-gpu', 'about:blank'],
  })
  onTestFinished(async () => {
    await host.close()
    await screens.close()
    await rm(profileDir, { recursive: true, force: true, maxRetries: 5 })
  })
  await vi.waitFor(() => expect(screens.tickets).toHaveLength(1), { timeout: 10_000 })
  return { screens, host, log, ends }
}

function browserPid(): number {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ')
  const mine = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--remote-debugging-pipe'))
  return Number(mine)
}

describe('the browser host', () => {
  it('opens the screens with a ticket that no command line shows', async () => {
    const { screens } = await opened()
    expect(screens.tickets[0]).toMatch(/^T\d+$/)
    expect(readFileSync(`/proc/${browserPid()}/cmdline`, 'utf8')).not.toContain('ticket')
  })

  it('gives its page the camera and the clipboard to write, and nothing else', async () => {
    const { screens } = await opened()
    const names = ['camera', 'microphone', 'geolocation', 'notifications', 'clipboard-read', 'clipboard-write']
    screens.run(`Promise.all(${JSON.stringify(names)}.map(async (name) => name + ' ' + (await navigator.permissions.query({ name })).state)).then(String)`)
    await vi.waitFor(() => expect(screens.said).toHaveLength(1), { timeout: 5000 })
    expect(screens.said[0]?.split(',')).toEqual([
      'camera granted',
      'microphone denied',
      'geolocation denied',
      'notifications denied',
      'clipboard-read denied',
      'clipboard-write granted',
    ])
  })

  it('comes back within 5 s, with a new ticket, when the browser is killed', async () => {
    const { screens, log, ends, host } = await opened()
    process.kill(browserPid(), 'SIGKILL')
    await vi.waitFor(() => expect(screens.tickets).toHaveLength(2), { timeout: 5000 })
    // Told of each end, before another starts.
    expect(ends).toEqual([1])
    await host.close()
    expect(ends).toEqual([1, 2])
    expect(new Set(screens.tickets).size).toBe(2)
    expect(log).toContain('browser.ended')
  })

  it('comes back within 5 s when the page stands still', async () => {
    const { screens, log } = await opened()
    screens.run('for (;;) {}')
    await vi.waitFor(() => expect(screens.tickets).toHaveLength(2), { timeout: 6000 })
    expect(log).toContain('browser.page-hung')
  })

  it('leads back a page that goes elsewhere', async () => {
    const { screens, log } = await opened()
    const elsewhere = await serveScreens()
    onTestFinished(() => elsewhere.close())
    screens.run(`location.href = '${elsewhere.origin}/'`)
    await vi.waitFor(() => expect(screens.tickets).toHaveLength(2), { timeout: 5000 })
    expect(log).toContain('browser.navigation-refused')
  })

  it('closes a second window at once', async () => {
    const { screens } = await opened()
    screens.run(`(async () => { const other = open('/second', 'second'); await new Promise((done) => setTimeout(done, 1500)); return other === null || other.closed })()`)
    await vi.waitFor(() => expect(screens.said).toEqual(['true']), { timeout: 5000 })
  })

  it('is gone after close, and stays gone', async () => {
    const { host, screens } = await opened()
    const pid = browserPid()
    await host.close()
    expect(() => process.kill(pid, 0)).toThrow()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(screens.tickets).toHaveLength(1)
  })

  it('says so where the program cannot be started, and goes on trying', async () => {
    const log: Array<[string, unknown]> = []
    const profileDir = await mkdtemp(join(tmpdir(), 'maqiao-browser-'))
    onTestFinished(() => rm(profileDir, { recursive: true, force: true }))
    const host = openBrowser({
      url: () => 'http://127.0.0.1:9/?ticket=T',
      kiosk: false,
      profileDir,
      log: (event, fields) => void log.push([event, fields?.['code']]),
      binary: '/nowhere/chromium',
    })
    await vi.waitFor(() => expect(log.length).toBeGreaterThanOrEqual(2), { timeout: 5000 })
    await host.close()
    expect(log[0]).toEqual(['browser.ended', 'ENOENT'])
  })

  it('refuses to start without a browser', () => {
    const path = process.env['CHROME_PATH']
    process.env['CHROME_PATH'] = '/nowhere/chrome'
    onTestFinished(() => {
      if (path === undefined) delete process.env['CHROME_PATH']
      else process.env['CHROME_PATH'] = path
    })
    expect(() => openBrowser({ url: () => '', kiosk: false, profileDir: '/tmp', log: () => undefined })).toThrow(HostError)
  })
})
