/** The way to one address of a platform: name, certificate, round trip, clock, and where we are seen from. */
import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket } from 'node:net'
import { connect as tlsConnect, TLSSocket, type ConnectionOptions } from 'node:tls'
import { PLATFORM_NAMES, type PlatformId } from '../../transcode/outcome.ts'
import { createHttpClient, type HttpReply } from '../../transcode/platforms/http.ts'
import { PlatformError } from '../../transcode/platforms/platform-error.ts'
import { createDispatcher, tlsOf } from '../network.ts'
import { CLOCK_REFUSED_MS } from '../platform-monitor.ts'
import type { Settings } from '../settings.ts'
import { CERTIFICATE_WARNING_DAYS, nameOf, watchCertificates } from './certificates.ts'
import { check, type Check } from './check.ts'

const CONNECT_MS = 5000
/** Headers in which gateways tell a caller its own address. */
const TOLD_IN = ['x-client-ip', 'x-remote-ip', 'x-your-ip', 'x-forwarded-for', 'x-real-ip'] as const
const ADDRESS = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/

export async function* platformChecks(
  platform: PlatformId,
  url: URL,
  network: Settings['network'],
): AsyncGenerator<Check> {
  const name = PLATFORM_NAMES[platform]
  const id = `platform.${platform}.${url.host}`
  let local: string | undefined
  // Through a proxy the name is the proxy's to resolve, and nothing here may go past it.
  if (network.proxy === undefined) {
    const title = `${name} 域名解析`
    try {
      const { address } = await lookup(url.hostname.replace(/^\[|\]$/g, ''))
      yield check(`${id}.name`, title, true, `${url.hostname} → ${address}`)
    } catch {
      yield check(`${id}.name`, title, false, url.hostname, '请检查本机 DNS 或平台地址设置。')
      return
    }
    const met = await meet(url, url.protocol === 'https:' ? tlsOf(network) : undefined)
    if (url.protocol === 'https:') yield certificateCheck(id, name, met)
    if (!('fault' in met)) local = met.local
  }
  const http = createHttpClient({ dispatcher: createDispatcher(network) })
  const passing = watchCertificates({ hosts: [url.host], now: Date.now })
  try {
    const reply = await http.send({
      platform,
      operation: 'diagnose',
      method: 'GET',
      url: url.origin,
      timeoutMs: CONNECT_MS,
    })
    yield check(`${id}.reach`, `${name} 可达`, true, `往返 ${Math.round(reply.ms)} ms`)
    const skew = reply.clockSkewMs
    if (skew !== undefined) {
      const seconds = Math.round(skew / 1000)
      const ok = Math.abs(skew) < CLOCK_REFUSED_MS / 2
      yield check(
        `${id}.clock`,
        `${name} 时间差`,
        ok,
        `${seconds} 秒`,
        '请校准本机时间；相差超过 600 秒平台会拒绝请求。',
      )
    }
    if (network.proxy !== undefined)
      yield* passing
        .of([url.host])
        .map(({ issuer, validTo }) => certificateCheck(id, name, { issuer, validTo: Date.parse(validTo) }))
    yield check(`${id}.address`, `${name} 看到的本机地址`, true, addressWords(addressTold(reply), local))
  } catch (error) {
    const fault = error instanceof PlatformError ? error.fault : { message: '连接失败', advice: '请检查网络。' }
    yield check(`${id}.reach`, `${name} 可达`, false, `${url.host} ${fault.message}`, fault.advice)
  } finally {
    passing.stop()
    await http.close()
  }
}

type Met = { local?: string | undefined; issuer: string; validTo: number } | { fault: string }

/** One connection of its own, ended at once: what a pool keeps open shows neither certificate nor address. */
function meet(url: URL, tls: ConnectionOptions | undefined): Promise<Met> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const port = Number(url.port || (tls ? 443 : 80))
    const socket: Socket = tls
      ? tlsConnect({ ...tls, host, port, ...(isIP(host) ? {} : { servername: host }) })
      : connect({ host, port })
    const end = (met: Met) => {
      socket.destroy()
      resolve(met)
    }
    socket.setTimeout(CONNECT_MS, () => end({ fault: '连接超时' }))
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      const certificate = socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined
      const validTo = Date.parse(certificate?.valid_to ?? '')
      end({ local: socket.localAddress, issuer: nameOf(certificate?.issuer), validTo })
    })
    socket.once('error', (error) => end({ fault: (error as NodeJS.ErrnoException).code ?? '握手失败' }))
  })
}

function certificateCheck(id: string, name: string, met: Met): Check {
  const title = `${name} 证书`
  if ('fault' in met) {
    return check(
      `${id}.certificate`,
      title,
      false,
      met.fault,
      '请检查本机时间、医院自签 CA 设置与网络准入；不要绕过验证。',
    )
  }
  const days = Math.floor((met.validTo - Date.now()) / 86_400_000)
  const detail = `${met.issuer}，剩余 ${days} 天`
  return check(
    `${id}.certificate`,
    title,
    days >= CERTIFICATE_WARNING_DAYS,
    detail,
    '证书将在 30 天内到期，请通知平台或信息科。',
  )
}

/** Our address as a gateway tells it, in a header or beside the word IP. */
export function addressTold({ headers, text }: Pick<HttpReply, 'headers' | 'text'>): string | undefined {
  for (const header of TOLD_IN) {
    const found = ADDRESS.exec(String(headers[header] ?? ''))
    if (found) return found[0]
  }
  return /\bip\b.{0,20}?((?:\d{1,3}\.){3}\d{1,3})/i.exec(text.slice(0, 2000))?.[1]
}

function addressWords(told: string | undefined, local: string | undefined): string {
  if (told !== undefined) return `${told}（平台的 IP 白名单应含此地址）`
  return local === undefined
    ? '平台没有告知；经代理，请向信息科询问代理的出口地址'
    : `平台没有告知；本机侧为 ${local}，经出口转换后可能不同`
}
