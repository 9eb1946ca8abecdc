/** The way out of the hospital: its own CA, a client certificate, a proxy, pinned keys. TLS is verified always. */
import { createHash, X509Certificate } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { checkServerIdentity, createSecureContext, getCACertificates, rootCertificates, TLSSocket, type PeerCertificate, type SecureContextOptions } from 'node:tls'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { toleratingContinue } from '../transcode/platforms/connector.ts'
import { KEPT } from '../transcode/platforms/http.ts'
import { createByHost, createProxied, pastProxy } from './proxy.ts'
import { SettingsError } from './settings-file.ts'
import type { Settings } from './settings.ts'
import { certificateFault, isCertificateFault } from './technician/connection-faults.ts'
import { NO_TEXT, readSmallFile } from './text-file.ts'

/** A bundle of all the roots there are is a few hundred KB. */
const MAX_PEM_BYTES = 4 * 1024 * 1024

/**
 * A dispatcher for all platforms; `kept: false` makes a connection for each request.
 * Throws SettingsError where a file cannot be read or is not what it should be.
 */
export function createDispatcher(network: Settings['network'], { kept = true } = {}): Dispatcher {
  const pool = kept ? KEPT : { ...KEPT, pipelining: 0 }
  const connect = connectorOf(network)
  const direct = new Agent({ ...pool, connect })
  if (network.proxy === undefined) return direct
  const proxied = createProxied(new URL(network.proxy), { pool, connect, tls: tlsOf(network) })
  return createByHost(isDirect(network), { direct, proxied })
}

/** Whether an address is asked without the proxy: `noProxy`, without it what NO_PROXY of the environment lists. */
export function isDirect({ proxy, noProxy }: Pick<Settings['network'], 'proxy' | 'noProxy'>): (url: URL) => boolean {
  if (proxy === undefined) return () => true
  return pastProxy(noProxy ?? (process.env['NO_PROXY'] ?? process.env['no_proxy'] ?? '').split(/[\s,]+/).filter(Boolean))
}

/**
 * Connects with the roots that Node brings, and where they do not do with those of
 * the operating system as well: reading these takes half a second, which only the
 * hospitals pay that need it, once. A certificate that is refused is named.
 */
function connectorOf(network: Settings['network']): buildConnector.connector {
  let secured = buildConnector(tlsOf(network))
  const plain = buildConnector({})
  let hasSystem = false
  return toleratingContinue((to, callback) => {
    if (to.protocol !== 'https:') return plain(to, callback)
    const attempt = (): void => {
      let shown: PeerCertificate | undefined
      // The types leave out that a connector returns its socket.
      const socket: unknown = secured(to, (error, open) => {
        if (error === null) return callback(null, open)
        const { code = '' } = error as NodeJS.ErrnoException
        if (!hasSystem && UNTRUSTED.test(code)) {
          secured = buildConnector(tlsOf(network, { system: true }))
          hasSystem = true
          // A tunnel is good for one handshake.
          if (to.httpSocket === undefined) return attempt()
        }
        const told = isCertificateFault(code) ? { told: certificateFault(code, to.hostname, shown, Date.now()) } : {}
        callback(Object.assign(error, told), null)
      })
      // Before the verification, after which there is nothing left to look at.
      if (socket instanceof TLSSocket) socket.prependListener('secure', () => (shown = socket.getPeerCertificate(true)))
    }
    attempt()
  })
}

/** No root is known for what was shown. */
const UNTRUSTED = /^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/

let system: readonly string[] | undefined
/** Certificates that the operating system trusts, beside Node's own; none where Node cannot tell. */
function systemRoots(): readonly string[] {
  if (system !== undefined) return system
  const bare = (certificate: string) => certificate.replace(/\s/g, '')
  const known = new Set(rootCertificates.map(bare))
  const listed = typeof getCACertificates === 'function' ? [...getCACertificates('system'), ...getCACertificates('extra')] : []
  system = [...new Map(listed.filter((one) => !known.has(bare(one))).map((one) => [bare(one), one])).values()]
  return system
}

/**
 * How every connection is secured; `system`: the operating system's roots too.
 * Throws SettingsError where a file cannot be read or is not what it should be.
 */
export function tlsOf({ caFile, certFile, keyFile, keyPassphrase, pins }: Settings['network'], options: { system?: boolean } = {}) {
  const own = caFile === undefined ? undefined : pem('network.caFile', caFile)
  const cert = certFile === undefined ? undefined : pem('network.certFile', certFile)
  const key = keyFile === undefined ? undefined : pem('network.keyFile', keyFile)
  const passphrase = keyPassphrase === undefined ? {} : { passphrase: keyPassphrase.reveal() }
  if (own !== undefined && !own.includes('-----BEGIN CERTIFICATE-----')) throw fault('network.caFile', 'holds no certificate in PEM 不是 PEM 证书')
  if (own !== undefined) tryOut('network.caFile', { ca: own })
  if (cert !== undefined) tryOut('network.certFile', { cert })
  if (key !== undefined) tryOut('network.keyFile', { key, ...passphrase })
  if (cert !== undefined && key !== undefined) tryOut('network.keyFile', { cert, key, ...passphrase })
  const more = options.system ? systemRoots() : []
  const context = createSecureContext({
    minVersion: 'TLSv1.2' as const,
    // Node takes `ca` instead of its own roots: a hospital's own comes beside them.
    ...(own === undefined && more.length === 0 ? {} : { ca: [...rootCertificates, ...more, ...(own === undefined ? [] : [own])] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...passphrase,
  })
  return {
    // Made once: with roots to read it takes longer than the connection.
    secureContext: context,
    // Said outright: an environment variable (NODE_TLS_REJECT_UNAUTHORIZED) would turn off what is only the default.
    rejectUnauthorized: true,
    checkServerIdentity: (host: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate) ?? pinFault(host, certificate, pins),
  }
}

/** Beside the usual checks, never instead of them: whether a pinned host shows one of its keys. */
function pinFault(host: string, { raw }: PeerCertificate, pins: Settings['network']['pins']): Error | undefined {
  const known = Object.hasOwn(pins, host) ? pins[host] : undefined
  if (known === undefined || known.includes(keyPin(raw))) return undefined
  return Object.assign(new Error('the key is not a pinned one'), { code: 'ERR_TLS_CERT_PIN' })
}

/** SHA-256 of a certificate's public key (SubjectPublicKeyInfo, DER) in base64, as RFC 7469 2.4 writes it. */
export function keyPin(certificate: Uint8Array): string {
  return createHash('sha256').update(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })).digest('base64')
}

function pem(path: string, file: string): string {
  let found: ReturnType<typeof readSmallFile>
  try {
    found = readSmallFile(resolve(file), MAX_PEM_BYTES)
  } catch (error) {
    throw fault(path, `file cannot be read (${(error as NodeJS.ErrnoException).code}) 无法读取证书文件`)
  }
  if (found === 'no-file') throw fault(path, 'is not usable (no regular file of at most 4 MB) 须是不超过 4 MB 的普通文件')
  if (found === undefined) throw fault(path, `file ${basename(file)} ${NO_TEXT}；证书与私钥须为 PEM 格式`)
  return found
}

/** A file that is none would be found out by the first patient. */
function tryOut(path: string, options: SecureContextOptions): void {
  try {
    createSecureContext(options)
  } catch (error) {
    throw fault(path, `is not usable (${(error as NodeJS.ErrnoException).code ?? 'unknown'}) 内容、口令不对，或证书与私钥不是一对`)
  }
}

function fault(path: string, reason: string): SettingsError {
  return new SettingsError([{ path, reason }])
}
