/** How each platform answers just now, from the exchanges themselves: no probing of its own. */
import { PLATFORM_NAMES, type PlatformId } from '../transcode/outcome.ts'
import type { Exchange } from '../transcode/platforms/http.ts'
import { statusWords, transportError, type TransportFault } from '../transcode/platforms/transport-error.ts'

/** States with the words a technician reads. */
export const PLATFORM_STATE_NAMES = { ok: '正常', failing: '故障', unknown: '尚未使用', off: '未配置' } as const satisfies Record<string, string>
export type PlatformState = keyof typeof PLATFORM_STATE_NAMES
export type PlatformStatus = {
  id: PlatformId
  name: string
  state: PlatformState
  /** Why it is failing, or that the clock is off; words for staff. */
  message?: string
  /** Platform's clock minus ours, ms. */
  clockSkewMs?: number
  lastMs?: number
  lastAt?: string
  lastFault?: string
}

/** 泉州 1.1.1 and its like refuse beyond 600 s; half of it is worth a warning. */
export const CLOCK_REFUSED_MS = 600_000
const CLOCK_WARNING_MS = 300_000

export type PlatformMonitor = {
  /** Fed by the http client. */
  onExchange(exchange: Exchange): void
  statuses(): PlatformStatus[]
  onChange(listener: (status: PlatformStatus) => void): () => void
  /** Words on the clock where it is off by more than 5 minutes. */
  clockNotice(): { code: 'CLOCK_SKEW'; message: string; advice: string } | null
}

export function createPlatformMonitor(options: { configured: readonly PlatformId[]; all: readonly PlatformId[]; now: () => number }): PlatformMonitor {
  const statuses = new Map<PlatformId, PlatformStatus>()
  for (const id of options.all) {
    statuses.set(id, { id, name: PLATFORM_NAMES[id], state: options.configured.includes(id) ? 'unknown' : 'off' })
  }
  const listeners = new Set<(status: PlatformStatus) => void>()

  return {
    onExchange(exchange) {
      if (exchange.fault === 'REQUEST_ABORTED') return
      const before = statuses.get(exchange.platform)
      const failing = exchange.fault !== undefined || (exchange.status !== undefined && (exchange.status < 200 || exchange.status > 299))
      const skew = exchange.clockSkewMs ?? before?.clockSkewMs
      const status: PlatformStatus = {
        id: exchange.platform,
        name: PLATFORM_NAMES[exchange.platform],
        state: failing ? 'failing' : 'ok',
        lastMs: Math.round(exchange.ms),
        lastAt: new Date(options.now()).toISOString(),
      }
      if (failing) {
        status.lastFault = exchange.fault ?? `HTTP_${exchange.status}`
        status.message = FAULT_WORDS[status.lastFault] ?? transportWords(status.lastFault).message
      } else if (skew !== undefined && Math.abs(skew) > CLOCK_WARNING_MS) {
        status.message = clockWords(skew)
      }
      if (skew !== undefined) status.clockSkewMs = skew
      statuses.set(exchange.platform, status)
      if (before?.state !== status.state || before?.message !== status.message) for (const listener of listeners) listener(status)
    },
    statuses: () => [...statuses.values()],
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    clockNotice() {
      const skews = [...statuses.values()].map((status) => status.clockSkewMs ?? 0)
      const worst = skews.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0)
      if (Math.abs(worst) <= CLOCK_WARNING_MS) return null
      return {
        code: 'CLOCK_SKEW',
        message: clockWords(worst),
        advice: '请信息科校准本机时间（建议开启网络对时）；相差超过 10 分钟平台会拒绝请求。',
      }
    },
  }
}

const FAULT_WORDS: Record<string, string> = {
  NETWORK_TIMEOUT: '没有按时答复',
  NETWORK_UNREACHABLE: '连接不上',
  NETWORK_NAME: '域名解析失败',
  NETWORK_RESET: '连接中断',
  NETWORK_TLS: '安全证书未通过验证',
  NETWORK_PROTOCOL: '答复不符合 HTTP 规范',
  NETWORK_PROXY: '代理没有放行',
  REPLY_ENCODING: '答复解不开压缩',
  REPLY_TOO_LARGE: '答复过大',
}

function clockWords(skewMs: number): string {
  const minutes = Math.round(Math.abs(skewMs) / 60_000)
  return `本机时间比平台${skewMs > 0 ? '慢' : '快'}约 ${minutes} 分钟`
}

/** What the last fault of the way means and what to do. */
export function transportWords(fault: string): { message: string; advice: string } {
  const { message, advice } = fault.startsWith('HTTP_') ? statusWords(Number(fault.slice(5))) : transportError('maqiao', fault as TransportFault).fault
  return { message, advice }
}
