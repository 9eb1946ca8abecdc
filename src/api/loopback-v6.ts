/** `[::1]` beside `127.0.0.1`: `localhost` means either, and some programs try no second address. */
import type { Server } from 'node:http'
import { createServer, type Server as Listener } from 'node:net'

/** Hands what comes to `[::1]` at the same port to the server; undefined where the machine has no IPv6 or the port is taken there. */
export function listenOnV6(server: Server, port: number): Promise<Listener | undefined> {
  return new Promise((resolve) => {
    const listener = createServer((socket) => server.emit('connection', socket))
    listener.maxConnections = server.maxConnections
    listener.once('error', () => resolve(undefined))
    listener.listen({ host: '::1', port, ipv6Only: true }, () => resolve(listener))
  })
}
