/** The way to one address of a platform: name, certificate, round trip, clock, and where we are seen from. */
import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket } from 'node:net'
import { connect as tlsConnect, TLSSocket, type ConnectionOptions, type PeerCertificate } from 'node:tls'
import { PLATFORM_NAMES, type PlatformId } from '../../transcode/outcome.ts'
import { createHttpClient, type HttpReply } from '../../transcode/platforms/http.ts'
import { PlatformError } from '../../transcode/platforms/platform-error.ts'
import type { Told } from '../../transcode/platforms/transport-error.ts'
import { bareHost } from '../network-settings.ts'
import { createDispatcher, isDirect, tlsOf } from '../network.ts'
import { CLOCK_REFUSED_MS } from '../platform-monitor.ts'
import type { Settings } from '../settings.ts'
import { CERTIFICATE_WARNING_DAYS, nameOf, watchCertificates } from './certificates.ts'
import { check, type Check } from './check.ts'
import { certificateFault, connectionFault, isCertificateFault, nameFault } from './connection-faults.ts'

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
  const direct = isDirect(network)(url)
  if (direct) {
    const title = `${name} 域名解析`
    try {
      const { address } = await lookup(bareHost(url))
      yield check(`${id}.name`, title, true, isIP(address) && address === url.hostname ? `${address} 是地址，不用解析` : `${url.hostname} → ${address}`)
    } catch (error) {
      const { detail, advice } = nameFault((error as NodeJS.ErrnoException).code, url.hostname)
      yield check(`${id}.name`, title, false, detail, advice)
      return
    }
    const met = await meet(url, url.protocol === 'https:' ? tlsOf(network, { system: true }) : undefined)
    // One cause is told once: what lies behind a connection that failed is not asked.
    if ('fault' in met) {
      const { detail, advice } = met.fault
      yield met.secure ? check(`${id}.certificate`, `${name} 证书`, false, detail, advice) : check(`${id}.reach`, `${name} 可达`, false, detail, advice)
      return
    }
    if (url.protocol === 'https:') yield certificateCheck(id, name, met)
    local = met.local
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
    yield check(`${id}.reach`, `${name} 可达`, true, reachWords(reply))
    const skew = reply.clockSkewMs
    if (skew !== undefined) {
      const seconds = Math.round(skew / 1000)
      const ok = Math.abs(skew) < CLOCK_REFUSED_MS / 2
      yield check(
        `${id}.clock`,
        `${name} 时间差`,
        ok,
        skewWords(seconds),
        '请信息科校准本机时间，建议开启网络对时；相差超过 600 秒平台会拒绝请求。本机时间无误则问平台对接人。',
      )
    }
    if (!direct)
      yield* passing
        .of([url.host])
        .map(({ issuer, validTo }) => certificateCheck(id, name, { issuer, validTo: Date.parse(validTo) }))
    yield check(`${id}.address`, `${name} 看到的本机地址`, true, addressWords(addressTold(reply), local))
  } catch (error) {
    const fault = error instanceof PlatformError ? error.fault : { message: '连接失败', advice: '请检查网络。' }
    const way = direct ? '' : `经代理 ${URL.parse(network.proxy ?? '')?.host ?? ''}，`
    yield check(`${id}.reach`, `${name} 可达`, false, `${way}${url.host} ${fault.message}`, fault.advice)
  } finally {
    passing.stop()
    await http.close()
  }
}

type Met = { local?: string | undefined; issuer: string; validTo: number } | { fault: Told; secure: boolean }

/** One connection of its own, ended at once: what a pool keeps open shows neither certificate nor address. */
function meet(url: URL, tls: ConnectionOptions | undefined): Promise<Met> {
  return new Promise((resolve) => {
    const host = bareHost(url)
    const port = Number(url.port || (tls ? 443 : 80))
    const place = `${host}:${port}`
    const socket: Socket = tls
      ? tlsConnect({ ...tls, host, port, ...(isIP(host) ? {} : { servername: host }) })
      : connect({ host, port })
    let shown: PeerCertificate | undefined
    const end = (met: Met) => {
      socket.destroy()
      resolve(met)
    }
    socket.setTimeout(CONNECT_MS, () => end({ fault: connectionFault('ETIMEDOUT', place), secure: false }))
    // Before the verification: one that is refused must be named.
    if (socket instanceof TLSSocket) socket.prependListener('secure', () => (shown = socket.getPeerCertificate(true)))
    socket.once(tls ? 'secureConnect' : 'connect', () =>
      end({ local: socket.localAddress, issuer: nameOf(shown?.issuer), validTo: Date.parse(shown?.valid_to ?? '') }),
    )
    socket.once('error', ({ code, cause }: NodeJS.ErrnoException) => {
      const told = code ?? (cause as NodeJS.ErrnoException | undefined)?.code
      const secure = told !== undefined && isCertificateFault(told)
      end({ fault: secure ? certificateFault(told, host, shown, Date.now()) : connectionFault(told, place), secure })
    })
  })
}

function certificateCheck(id: string, name: string, met: { issuer: string; validTo: number }): Check {
  const days = Math.floor((met.validTo - Date.now()) / 86_400_000)
  return check(
    `${id}.certificate`,
    `${name} 证书`,
    days >= CERTIFICATE_WARNING_DAYS,
    `${met.issuer}，剩余 ${days} 天`,
    '证书将在 30 天内到期，请通知平台对接人更换。',
  )
}

/** The front page refuses strangers at many a platform, so that alone is no fault; where the interfaces do too, it is. */
function reachWords({ ms, status }: HttpReply): string {
  const took = `往返 ${Math.round(ms)} ms`
  return status === 401 || status === 403 ? `${took}，首页答复 HTTP ${status}（接口也这样时，多为本机出口地址不在平台的 IP 白名单）` : took
}

function skewWords(seconds: number): string {
  return Math.abs(seconds) < 2 ? '一致' : `本机${seconds > 0 ? '慢' : '快'} ${Math.abs(seconds)} 秒`
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
