import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpClient } from '../../../src/transcode/platforms/http.ts'
import type { PlatformError } from '../../../src/transcode/platforms/platform-error.ts'

const servers: Server[] = []
const listen = (onSocket: (socket: import('node:net').Socket) => void) =>
  new Promise<number>((resolve) => {
    const server = createServer(onSocket).listen(0, '127.0.0.1', () =>
      resolve((server.address() as { port: number }).port),
    )
    servers.push(server)
  })
afterEach(() => servers.splice(0).forEach((server) => server.close()))

async function faultAt(url: string): Promise<PlatformError> {
  const http = createHttpClient()
  const send = http.send({ platform: 'quanzhou', operation: 'x', url, body: '{}', timeoutMs: 300 })
  const error = await send.then(
    () => undefined,
    (fault: PlatformError) => fault,
  )
  await http.close()
  return error!
}

describe('whether a request can have reached the platform', () => {
  it('is denied where no connection came about', async () => {
    const port = await listen(() => {})
    await new Promise((done) => servers.pop()!.close(done))
    const refused = await faultAt(`http://127.0.0.1:${port}/`)
    expect([refused.fault.code, refused.sent]).toEqual(['NETWORK_UNREACHABLE', false])
    // `localhost` has two addresses, and both are tried.
    expect((await faultAt(`http://localhost:${port}/`)).sent).toBe(false)
    const nameless = await faultAt('http://no-such-host.invalid/')
    expect([nameless.fault.code, nameless.sent]).toEqual(['NETWORK_NAME', false])
  })

  it('is not denied after a reset or a time-out', async () => {
    const resets = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const reset = await faultAt(`http://127.0.0.1:${resets}/`)
    expect([reset.fault.code, reset.sent]).toEqual(['NETWORK_RESET', true])
    const silent = await listen((socket) => socket.on('error', () => {}))
    const late = await faultAt(`http://127.0.0.1:${silent}/`)
    expect([late.fault.code, late.sent]).toEqual(['NETWORK_TIMEOUT', true])
  })
})

it('tells the monitor of the platform’s own answers, not of those of somebody who is asked for its sake', async () => {
  const port = await listen((socket) => socket.once('data', () => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')))
  const told: (number | undefined)[] = []
  const http = createHttpClient({ onExchange: ({ status }) => told.push(status) })
  const request = { platform: 'quanzhou', operation: 'x', url: `http://127.0.0.1:${port}/`, timeoutMs: 3000 } as const
  expect((await http.send({ ...request, elsewhere: true })).status).toBe(404)
  expect(told).toEqual([])
  await http.send(request)
  expect(told).toEqual([404])
  await http.close()
})
