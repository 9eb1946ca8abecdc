/** Why a connection did not come about, in the words of whoever must be called. */
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls'
import type { Told } from '../../transcode/platforms/transport-error.ts'
import { nameOf } from './certificates.ts'

/** A name that does not resolve; `code` of the system's resolver. */
export function nameFault(code: string | undefined, host: string): Told {
  if (code === 'EAI_AGAIN')
    return { detail: `DNS 服务器没有应答，解析不了 ${host}`, advice: '请网络管理员检查网线、网卡与本机的 DNS 服务器设置。' }
  return {
    detail: `DNS 中没有 ${host}`,
    advice: '请核对设置中的平台地址；专线域名请网络管理员在院内 DNS 或 hosts 中登记，地址无误则问平台对接人。',
  }
}

/** No connection, or one that was cut. `host` with its port. */
export function connectionFault(code: string | undefined, host: string): Told {
  switch (code) {
    case 'ETIMEDOUT':
      return {
        detail: `${host} 5 秒内没有应答`,
        advice: '多为防火墙没有放行：请网络管理员放行本机到该地址和端口；已放行则请平台对接人核对 IP 白名单。',
      }
    case 'ECONNREFUSED':
      return {
        detail: `${host} 拒绝连接，该端口没有服务`,
        advice: '请核对设置中的主机与端口；无误则请平台对接人确认服务是否在运行。',
      }
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return { detail: `本机没有通往 ${host} 的路`, advice: '请网络管理员检查网线、网卡地址、网关与专线路由。' }
    default:
      return {
        detail: `${host} 接通后被切断`,
        advice: '多为防火墙、网闸或平台的 IP 白名单所断：请网络管理员查看拦截记录；没有拦截则把本机出口地址报给平台对接人。',
      }
  }
}

/** Whether a code of a failed connection is about its certificate or the handshake. */
export function isCertificateFault(code: string): boolean {
  return /CERT|SSL|TLS|EPROTO|UNABLE_TO|SELF_SIGNED/.test(code)
}

/** A handshake that failed; the certificate as far as one was shown. */
export function certificateFault(code: string, host: string, shown: PeerCertificate | undefined, now: number): Told {
  const issuer = nameOf(shown?.issuer)
  const day = (date: string | undefined) => dayOf(Date.parse(date ?? ''))
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return {
        detail: `证书已于 ${day(shown?.valid_to)} 到期（签发者 ${issuer}）`,
        advice: `先核对本机日期（现在是 ${dayOf(now)}）；日期无误则请平台对接人更换证书。`,
      }
    case 'CERT_NOT_YET_VALID':
      return {
        detail: `证书到 ${day(shown?.valid_from)} 才生效`,
        advice: `多为本机日期落后（现在是 ${dayOf(now)}）：请信息科校准本机时间，建议开启网络对时。`,
      }
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        detail: `证书属于 ${nameOf(shown?.subject)}，不是 ${host}`,
        advice: '请核对设置中的平台地址；地址无误则请网络管理员检查 DNS 与网关是否改道。',
      }
    case 'ERR_TLS_CERT_PIN':
      return {
        detail: `证书的公钥不是设置中固定的（签发者 ${issuer}）`,
        advice: '平台换了证书，或连接被中间设备代替：先向平台对接人核实，再改 network.pins。',
      }
  }
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST/.test(code))
    return { detail: `${host} 的这个端口不是 https`, advice: '请核对设置中的主机与端口。' }
  const missing = /^UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)/.test(code) ? missingIssuer(shown) : undefined
  if (missing !== undefined)
    return {
      detail: `签发者 ${issuer} 不受信任（${code}）：发来的证书链不完整，缺少证书“${missing}”`,
      advice: `“${missing}”是公共 CA 的中间证书时，请平台对接人在服务器上补齐证书链；平台用自己的 CA 时，向平台对接人索取“${missing}”的证书（PEM），填入 network.caFile；它是上网行为或防火墙设备时，请网络管理员对该地址不解密。不要绕过验证。`,
    }
  if (/CERT|UNABLE_TO|SELF_SIGNED|ISSUER/.test(code) && !/ALERT/.test(code))
    return {
      detail: `签发者 ${issuer} 不受信任（${code}）`,
      advice: '平台用自己的 CA 时，向平台对接人索取 CA 证书，填入 network.caFile；签发者是上网行为或防火墙设备时，请网络管理员对该地址不解密。不要绕过验证。',
    }
  return {
    detail: `安全连接没有建成（${code}）`,
    advice: '对方不支持 TLS 1.2，或要求客户端证书：请问平台对接人；客户端证书填入 network.certFile 与 keyFile。',
  }
}

/** The name of the issuer that the last certificate shown points to and that was not shown. */
function missingIssuer(shown: PeerCertificate | undefined): string | undefined {
  let last = shown as Partial<DetailedPeerCertificate> | undefined
  while (last?.issuerCertificate !== undefined && last.issuerCertificate.fingerprint256 !== last.fingerprint256) last = last.issuerCertificate
  const { issuer, subject } = last ?? {}
  // Nothing is missing above one that signed itself.
  if (issuer === undefined || JSON.stringify(issuer) === JSON.stringify(subject)) return undefined
  const name = [issuer.CN ?? issuer.O ?? ''].flat().join(' ')
  return name === '' ? undefined : name
}

function dayOf(time: number): string {
  return Number.isNaN(time) ? '未知日期' : new Date(time).toLocaleDateString('sv-SE')
}
