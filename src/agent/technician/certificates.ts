/** The certificates that platforms showed when they were connected to: seen in passing, never asked for. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { TLSSocket } from 'node:tls'

export type SeenCertificate = {
  host: string
  issuer: string
  validTo: string
  daysLeft: number
  seenAt: string
  expiresSoon: boolean
}

/** A certificate with less than this left is announced. */
export const CERTIFICATE_WARNING_DAYS = 30
const CONNECTED = 'undici:client:connected'

export type Certificates = {
  /** Of these hosts (`host:port` where the port is not 443). */
  of(hosts: readonly string[]): SeenCertificate[]
  soonest(): SeenCertificate | undefined
  stop(): void
}

/** @param hosts those that are remembered; connections to others are not ours */
export function watchCertificates(options: { hosts: readonly string[]; now: () => number }): Certificates {
  const { now } = options
  const seen = new Map<string, { issuer: string; validTo: number; at: number }>()
  const wanted = new Set(options.hosts)

  const onConnected = (message: unknown) => {
    const { connectParams, socket } = message as {
      connectParams?: { host?: string; protocol?: string }
      socket?: unknown
    }
    const host = connectParams?.host
    if (host === undefined || !wanted.has(host) || !(socket instanceof TLSSocket)) return
    const { issuer, valid_to: validTo } = socket.getPeerCertificate()
    if (validTo) seen.set(host, { issuer: nameOf(issuer), validTo: Date.parse(validTo), at: now() })
  }
  subscribe(CONNECTED, onConnected)

  const view = (host: string): SeenCertificate[] => {
    const found = seen.get(host)
    if (!found) return []
    const daysLeft = Math.floor((found.validTo - now()) / 86_400_000)
    return [
      {
        host,
        issuer: found.issuer,
        validTo: new Date(found.validTo).toISOString(),
        daysLeft,
        seenAt: new Date(found.at).toISOString(),
        expiresSoon: daysLeft < CERTIFICATE_WARNING_DAYS,
      },
    ]
  }

  return {
    of: (hosts) => hosts.flatMap(view),
    soonest: () => [...seen.keys()].flatMap(view).sort((a, b) => a.daysLeft - b.daysLeft)[0],
    stop: () => void unsubscribe(CONNECTED, onConnected),
  }
}

export function nameOf(issuer: { O?: string | string[]; CN?: string | string[] } | undefined): string {
  return [issuer?.O ?? issuer?.CN ?? ''].flat().join(' ')
}
