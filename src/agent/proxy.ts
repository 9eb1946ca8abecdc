/** The proxy of a hospital: whole addresses for http, a tunnel for https, and which hosts are asked without it. */
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { domainToASCII } from 'node:url'
import { Agent, Dispatcher, type buildConnector } from 'undici'
import type { Told } from '../transcode/platforms/transport-error.ts'
import { bareHost } from './network-settings.ts'

const TUNNEL_MS = 10_000

type Pool = ConstructorParameters<typeof Agent>[0]

/** Sends by way of `proxy`. `connect` makes the connections, `tls` secures the one to an https proxy. */
export function createProxied(proxy: URL, options: { pool: Pool; connect: buildConnector.connector; tls: ConnectionOptions }): Dispatcher {
  const { pool, connect, tls } = options
  const own: Record<string, string> = proxy.username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`).toString('base64')}` }
  const tunnels = new Agent({ ...pool, connect: tunnelling(proxy, own, connect, tls) })
  const plain = new Agent({ ...pool, connect: (to, callback) => connect(to, (error, socket) => (error === null ? callback(null, socket) : callback(Object.assign(error, { told: proxyAway(proxy) }), null))) })
  return new Chosen([tunnels, plain], ({ origin, path, headers }) => {
    const target = new URL(String(origin))
    if (target.protocol === 'https:') return { by: tunnels }
    // RFC 9112 3.2.2; proxies as they are delivered allow CONNECT to port 443 alone.
    return { by: plain, origin: proxy.origin, path: target.origin + path, headers: { ...(headers as Record<string, string>), host: target.host, ...own } }
  })
}

/** Sends to the hosts that `direct` names by one, to all others by the other. */
export function createByHost(direct: (url: URL) => boolean, parts: { direct: Dispatcher; proxied: Dispatcher }): Dispatcher {
  return new Chosen([parts.direct, parts.proxied], ({ origin }) => ({ by: direct(new URL(String(origin))) ? parts.direct : parts.proxied }))
}

type Choice = { by: Dispatcher } & Partial<Dispatcher.DispatchOptions>

class Chosen extends Dispatcher {
  readonly #all: readonly Dispatcher[]
  readonly #choose: (options: Dispatcher.DispatchOptions) => Choice
  constructor(all: readonly Dispatcher[], choose: (options: Dispatcher.DispatchOptions) => Choice) {
    super()
    this.#all = all
    this.#choose = choose
  }
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { by, ...changed } = this.#choose(options)
    return by.dispatch({ ...options, ...changed }, handler)
  }
  override async close(): Promise<void> {
    await Promise.all(this.#all.map((one) => one.close()))
  }
  override async destroy(): Promise<void> {
    await Promise.all(this.#all.map((one) => one.destroy()))
  }
}

function tunnelling(proxy: URL, headers: Record<string, string>, connect: buildConnector.connector, tls: ConnectionOptions): buildConnector.connector {
  return (to, callback) => {
    const fail = (error: Error, told: Told) => callback(Object.assign(error, { told }), null)
    const place = `${to.hostname}:${to.port || 443}`
    const asked = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
      ...(proxy.protocol === 'https:' ? tls : {}),
      host: bareHost(proxy),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: place,
      headers: { host: place, ...headers },
      agent: false,
      timeout: TUNNEL_MS,
    })
    asked.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode === 200) return void connect({ ...to, httpSocket: socket }, callback)
      socket.destroy()
      fail(Object.assign(new Error('no tunnel'), { code: 'NETWORK_PROXY' }), tunnelRefused(proxy, statusCode))
    })
    // Some answer CONNECT as they answer anything else.
    asked.once('response', (response) => {
      response.destroy()
      fail(Object.assign(new Error('no tunnel'), { code: 'NETWORK_PROXY' }), tunnelRefused(proxy, response.statusCode ?? 0))
    })
    asked.once('timeout', () => asked.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT', syscall: 'connect' })))
    asked.once('error', (error) => fail(Object.assign(error, { syscall: 'connect' }), proxyAway(proxy)))
    asked.end()
  }
}

function proxyAway(proxy: URL): Told {
  return { detail: `经代理 ${proxy.host}`, advice: '先检查代理是否在运行、network.proxy 的地址与端口，再检查本机网络；院内地址不经代理的，写入 network.noProxy。' }
}

function tunnelRefused(proxy: URL, status: number): Told {
  const advice = status === 407 ? '代理要求帐号：在 network.proxy 中写入 http://帐号:口令@主机:端口，或请网络管理员放行本机。' : '请网络管理员在代理上放行本机到平台的地址与端口；院内地址不经代理的，写入 network.noProxy。'
  return { detail: `代理 ${proxy.host} 答复 HTTP ${status}`, advice }
}

/**
 * Which addresses go past the proxy. An entry is a host, a domain with all under
 * it (`.lan`, `*.lan`, `lan`), an address, a network (`10.0.0.0/8`), each with
 * `:port` where only that port is meant, or `*`. Networks hold for addresses as
 * the settings write them: no name is resolved for it.
 */
export function pastProxy(entries: readonly string[]): (url: URL) => boolean {
  const rules = entries.map(ruleOf)
  return (url) => rules.some((rule) => rule(bareHost(url).toLowerCase().replace(/\.$/, ''), url.port || (url.protocol === 'https:' ? '443' : '80')))
}

function ruleOf(written: string): (host: string, port: string) => boolean {
  const entry = written.trim().toLowerCase()
  if (entry === '*') return () => true
  const [network = '', bits] = entry.split('/')
  if (bits !== undefined) {
    if (isIP(network) === 0 || !(Number(bits) <= (isIPv6(network) ? 128 : 32))) return () => false
    const list = new BlockList()
    list.addSubnet(network, Number(bits), familyOf(network))
    return (host) => isIP(host) !== 0 && list.check(host, familyOf(host))
  }
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|(.*?))(?::(\d+))?$/.exec(isIPv6(entry) ? `[${entry}]` : entry) ?? []
  const bare = (bracketed ?? plain ?? '').replace(/^\*?\./, '')
  // As URLs have names: 医院.lan is xn--….lan there.
  const name = isIP(bare) === 0 ? domainToASCII(bare) : bare
  if (name === '') return () => false
  return (host, at) => (port === undefined || port === at) && (host === name || (isIP(name) === 0 && host.endsWith(`.${name}`)))
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')
