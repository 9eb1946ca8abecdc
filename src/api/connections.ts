/** Shares of the connections: neither who has no token nor one caller with many keeps the others out. */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

const MOST = 1024
/** Of connections on which nobody has shown a token; the oldest makes room for the next. */
const MOST_STRANGERS = 384
/** Of one caller; its event sockets are among them. */
const MOST_OF_ONE = 256
/** Of all callers but the screens, whose are what is left. */
const MOST_OF_CLIENTS = 576

export type Connections = {
  /** A caller has shown its token on this one; false if its share is used up. */
  own(socket: Socket, caller: string, isScreen: boolean): boolean
  destroyAll(): void
}

export function shareConnections(server: Server): Connections {
  server.maxConnections = MOST
  // Node forgets a socket that asked for an upgrade: a refused one would stay open, and hold up the end.
  const open = new Set<Socket>()
  /** In the order in which they came. */
  const strangers = new Set<Socket>()
  const owners = new Map<Socket, { caller: string; isScreen: boolean }>()

  server.on('connection', (socket) => {
    open.add(socket)
    strangers.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      strangers.delete(socket)
      owners.delete(socket)
    })
    if (strangers.size <= MOST_STRANGERS) return
    const [oldest] = strangers
    oldest?.destroy()
    if (oldest) strangers.delete(oldest)
  })

  const count = (counts: (owner: { caller: string; isScreen: boolean }) => boolean) => {
    let found = 0
    for (const owner of owners.values()) if (counts(owner)) found++
    return found
  }
  return {
    own(socket, caller, isScreen) {
      if (owners.get(socket)?.caller === caller) return true
      if (!isScreen && (count((owner) => owner.caller === caller) >= MOST_OF_ONE || count((owner) => !owner.isScreen) >= MOST_OF_CLIENTS)) return false
      strangers.delete(socket)
      owners.set(socket, { caller, isScreen })
      return true
    },
    destroyAll: () => open.forEach((socket) => socket.destroy()),
  }
}
