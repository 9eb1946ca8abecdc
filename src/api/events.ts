/** The WebSocket of events: hello, what was missed, then what happens. */
import type { WebSocket } from 'ws'
import type { Agent } from '../agent/agent.ts'
import type { StoredEvent } from '../agent/stored.ts'
import { hexOf, namedText } from '../agent/technician/byte-words.ts'
import type { DeviceDesk } from '../agent/technician/device-desk.ts'
import { PLATFORM_NAMES, type Outcome } from '../transcode/outcome.ts'
import { shareOf, type Caller } from './access.ts'
import type { Sight } from './sight.ts'

const PING_MS = 20_000
/** A reader that lets this much pile up is gone; it may come back with `after`. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024
/** A terminal has a handful of clients; one that has more than this opens and never closes. */
const MAX_SOCKETS_OF_ONE = 128
/** Of all clients together; the screens' own are beside them. */
const MAX_SOCKETS_OF_CLIENTS = 384
/** Clients only listen: who talks or pings on is cut off; a message now and then keeps a connection alive. */
const MAX_HEARD_A_MINUTE = 100
/** What such a one has to read why, ms. */
const GOODBYE_MS = 1000
/** RFC 6455 7.4.1 and the registry: policy violation, try again later. */
const POLICY = 1008
const TRY_LATER = 1013
/** Of the private range: the technician's session is over, or the caller's token is no longer good. */
const SESSION_OVER = 4401

export type EventSockets = {
  /** `bytes` asks for what only a technician gets. */
  accept(socket: WebSocket, caller: Caller, wanted: { after?: number | undefined; bytes?: boolean | undefined }): void
  /** Ends those of callers whose token is no longer good. */
  end(isOver: (caller: Caller) => boolean): void
  close(): void
}

export function createEventSockets(agent: Agent, desk: DeviceDesk, sight: Sight): EventSockets {
  const sockets = new Map<WebSocket, Caller>()
  const count = (counts: (caller: Caller) => boolean) => [...sockets.values()].filter(counts).length

  return {
    accept(socket, caller, { after, bytes }) {
      socket.on('error', () => socket.terminate())
      const share = shareOf(caller)
      const isFull = !caller.rights.has('screen') && count(({ rights }) => !rights.has('screen')) >= MAX_SOCKETS_OF_CLIENTS
      if (isFull || count((other) => shareOf(other) === share) >= MAX_SOCKETS_OF_ONE) return socket.close(TRY_LATER, 'too many sockets')
      let heard = 0
      let minute = 0
      const hear = () => {
        const present = Math.floor(performance.now() / 60_000)
        if (present !== minute) [minute, heard] = [present, 0]
        if (++heard !== MAX_HEARD_A_MINUTE + 1) return
        socket.close(POLICY, 'nothing is asked here')
        // Each ping is answered until the connection is gone, read or not.
        setTimeout(() => socket.terminate(), GOODBYE_MS).unref()
      }
      socket.on('message', hear)
      socket.on('ping', hear)
      const screen = caller.rights.has('screen')
      const sendRaw = (event: Omit<StoredEvent, 'type'> & { type: string }) => {
        if (socket.readyState !== socket.OPEN) return
        if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return socket.terminate()
        socket.send(JSON.stringify(event))
      }
      const send = (event: StoredEvent) =>
        sendRaw(event.type === 'outcome' ? { ...event, data: sight.shown(caller, event.data as Outcome) } : event)
      /** Passing things that only a screen shows: not numbered, not replayed. */
      const passing = (type: string, data: unknown) =>
        sendRaw({ type, seq: agent.events.lastSeq(), at: new Date().toISOString(), data })

      sockets.set(socket, caller)
      passing('hello', { seq: agent.events.lastSeq(), terminalId: agent.settings.terminal.id, version: agent.version })
      if (after !== undefined) {
        for (const event of agent.events.after(after, agent.notBefore())) send(event)
      }
      const stops = [agent.events.subscribe(send)]
      if (screen) {
        stops.push(
          agent.onAsking((scanId, asking) => passing('progress', { scanId, ...asking })),
          agent.staffCalls.onChange((call) => passing('staff-call', { call })),
          agent.monitor.onChange((status) => passing('platform', { ...status, name: PLATFORM_NAMES[status.id] })),
        )
      }
      const { session } = caller
      if (session !== undefined) {
        /** What is personal goes to a living session only; watching does not keep one alive. */
        const toTechnician = (type: string, data: unknown) => {
          if (agent.door.isLiving(session)) passing(type, data)
          else socket.close(SESSION_OVER, 'session over')
        }
        if (bytes) {
          stops.push(
            agent.hub.onBytes((chunk) => toTechnician('bytes', bytesView(chunk))),
            desk.onBaudTried((tried) => toTechnician('baud', tried)),
            desk.examinations.onChange((examination) => toTechnician('doctor', examination)),
          )
        }
      }
      let alive = true
      const heartbeat = setInterval(() => {
        if (!alive) return socket.terminate()
        alive = false
        if (session !== undefined && !agent.door.isLiving(session)) socket.close(SESSION_OVER, 'session over')
        socket.ping()
      }, PING_MS)
      socket.on('pong', () => (alive = true))
      socket.on('close', () => {
        clearInterval(heartbeat)
        stops.forEach((stop) => stop())
        sockets.delete(socket)
      })
    },
    end(isOver) {
      for (const [socket, owner] of sockets) if (isOver(owner)) socket.close(SESSION_OVER, 'token no longer good')
    },
    close() {
      for (const socket of sockets.keys()) socket.close(1001, 'terminal stopping')
    },
  }
}

function bytesView({ device, bytes, at }: Parameters<Parameters<Agent['hub']['onBytes']>[0]>[0]): Record<string, unknown> {
  return { device, hex: hexOf(bytes), text: namedText(bytes), bytes: bytes.length, at: new Date(at).toISOString() }
}
