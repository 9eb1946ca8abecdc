/** The way out of the hospital: its own CA, a client certificate, a proxy, pinned keys. TLS is verified always. */
import { createHash, X509Certificate } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { checkServerIdentity, createSecureContext, rootCertificates, type PeerCertificate, type SecureContextOptions } from 'node:tls'
import { Agent, ProxyAgent, type Dispatcher } from 'undici'
import { SettingsError } from './settings-file.ts'
import type { Settings } from './settings.ts'
import { NO_TEXT, readSmallFile } from './text-file.ts'

/** A bundle of all the roots there are is a few hundred KB. */
const MAX_PEM_BYTES = 4 * 1024 * 1024

/** A dispatcher for all platforms. Throws SettingsError where a file cannot be read or is not what it should be. */
export function createDispatcher(network: Settings['network']): Dispatcher {
  const { proxy } = network
  const tls = tlsOf(network)
  const pool = { keepAliveTimeout: 30_000, connections: 16 }
  return proxy === undefined
    ? new Agent({ ...pool, connect: tls })
    : new ProxyAgent({ ...pool, uri: proxy, requestTls: tls, proxyTls: tls })
}

/** How every connection is secured. Throws SettingsError where a file cannot be read or is not what it should be. */
export function tlsOf({ caFile, certFile, keyFile, keyPassphrase, pins }: Settings['network']) {
  const own = caFile === undefined ? undefined : pem('network.caFile', caFile)
  const cert = certFile === undefined ? undefined : pem('network.certFile', certFile)
  const key = keyFile === undefined ? undefined : pem('network.keyFile', keyFile)
  const passphrase = keyPassphrase === undefined ? {} : { passphrase: keyPassphrase.reveal() }
  if (own !== undefined && !own.includes('-----BEGIN CERTIFICATE-----')) throw fault('network.caFile', 'holds no certificate in PEM 不是 PEM 证书')
  if (own !== undefined) tryOut('network.caFile', { ca: own })
  if (cert !== undefined) tryOut('network.certFile', { cert })
  if (key !== undefined) tryOut('network.keyFile', { key, ...passphrase })
  if (cert !== undefined && key !== undefined) tryOut('network.keyFile', { cert, key, ...passphrase })
  return {
    minVersion: 'TLSv1.2' as const,
    // Said outright: an environment variable (NODE_TLS_REJECT_UNAUTHORIZED) would turn off what is only the default.
    rejectUnauthorized: true,
    // Node takes `ca` instead of the system's roots: a hospital's own comes beside them.
    ...(own === undefined ? {} : { ca: [...rootCertificates, own] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...passphrase,
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
