/** A platform on loopback, written from its document; each test says what it answers. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Call = { method: string; path: string; url: URL; headers: IncomingMessage['headers']; text: string; json: any; at: number }
/** What is answered: JSON with 200 unless said otherwise, no answer at all, or a connection cut in the middle. */
export type Reply = { status?: number; headers?: Record<string, string>; json?: unknown; text?: string; afterMs?: number } | 'hang' | 'reset'
export type Handler = (call: Call) => Reply | Promise<Reply>

export type FakePlatform = {
  readonly url: string
  calls: Call[]
  /** What the terminal did against the document; a test that ends with any has failed. */
  violations: string[]
  handle: Handler
  /** Calls whose path ends so. */
  to(path: string): Call[]
  close(): Promise<void>
}

export async function fakePlatform(handle: Handler): Promise<FakePlatform> {
  const hanging = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      const text = Buffer.concat(parts).toString('utf8')
      const url = new URL(request.url!, 'http://fake')
      const call: Call = { method: request.method!, path: url.pathname, url, headers: request.headers, text, json: orUndefined(text), at: Date.now() }
      fake.calls.push(call)
      const reply = await Promise.resolve(call)
        .then(fake.handle)
        .catch((error: Error): Reply => {
          fake.violations.push(`the fake failed: ${error.stack}`)
          return { status: 500 }
        })
      if (reply === 'hang') return void hanging.add(response)
      if (reply === 'reset') return void request.socket.destroy()
      if (reply.afterMs) await new Promise((done) => setTimeout(done, reply.afterMs))
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json;charset=UTF-8', ...reply.headers })
      response.end(reply.text ?? (reply.json === undefined ? '' : JSON.stringify(reply.json)))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const fake: FakePlatform = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    violations: [],
    handle,
    to: (path) => fake.calls.filter((call) => call.path.endsWith(path)),
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return fake
}

function orUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
