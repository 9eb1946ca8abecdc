/** `network` of the settings file: own CA, client certificate, proxy and pinned keys for every platform. */
import { isIP, isIPv6 } from 'node:net'
import { z } from 'zod'
import { secret, text } from '../transcode/platforms/setting-fields.ts'

export const networkSettings = z.strictObject({
  caFile: text().optional().describe('医院自签 CA 证书（PEM），与系统根证书一并信任'),
  certFile: text().optional().describe('客户端证书（PEM）'),
  keyFile: text().optional().describe('客户端私钥（PEM）'),
  keyPassphrase: secret().optional().describe('私钥口令'),
  proxy: z
    .string()
    .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), 'must be an http(s) URL such as http://10.0.0.1:3128')
    .optional()
    .describe('HTTP 代理，如 http://10.0.0.1:3128'),
  noProxy: z
    .array(text().refine(isNoProxyEntry, 'must be a host, a domain such as .lan, an address or a network such as 10.0.0.0/8'))
    .optional()
    .describe('不经代理的地址：主机名、域（.lan 含其下所有主机）、IP 地址或网段（10.0.0.0/8），可带 :端口；不写则取环境变量 NO_PROXY'),
  /** Two for each host, so that a key can be changed without a gap. */
  pins: z
    .record(z.string().regex(/^[a-z0-9.:-]+$/, 'must be a host name in lower case, without a port'), z.array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'must be a base64 SHA-256')).min(1))
    .default({})
    .describe('按主机名固定平台公钥：其证书公钥（SPKI）的 SHA-256，base64；至少一个，宜另备一个'),
})

function isNoProxyEntry(written: string): boolean {
  const [network = '', bits, more] = written.trim().split('/')
  if (bits !== undefined) return more === undefined && isIP(network) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv6(network) ? 128 : 32)
  return isIP(network) !== 0 || /^(\*|(\*?\.)?[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?)$/iu.test(network)
}

/** What the section needs of itself and of the platforms, over the raw file. */
export function networkFaults(network: unknown, platforms: unknown): { path: string; reason: string }[] {
  if (network === null || typeof network !== 'object') return []
  const { certFile, keyFile, pins } = network as Record<string, unknown>
  const faults: { path: string; reason: string }[] = []
  if (certFile !== undefined && keyFile === undefined) faults.push({ path: 'network.keyFile', reason: 'required' })
  if (keyFile !== undefined && certFile === undefined) faults.push({ path: 'network.certFile', reason: 'required' })
  const hosts = hostsIn(platforms)
  for (const host of Object.keys(pins ?? {})) {
    // A name with a slip in it would protect nothing and say nothing.
    if (!hosts.has(host)) faults.push({ path: `network.pins.${host}`, reason: 'is no https host of platforms 平台的 https 地址中没有这个主机' })
  }
  return faults
}

/** A host as sockets take it and certificates name it: an IPv6 address without its brackets. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

/** Host names of every https address, as certificates are checked for them. */
function hostsIn(value: unknown): Set<string> {
  if (typeof value === 'string') {
    const secure = /^https:/i.test(value) && URL.canParse(value)
    return new Set(secure ? [bareHost(new URL(value))] : [])
  }
  if (value === null || typeof value !== 'object') return new Set()
  return new Set(Object.values(value).flatMap((item) => [...hostsIn(item)]))
}
