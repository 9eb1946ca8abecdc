/** 10034 and 21007: an interface that the platform has closed is not asked again by anybody until it may be open (3.2.12). */
import { nextChinaMidnight } from '../../china-time.ts'
import { PlatformError } from '../platform-error.ts'
import type { Exchange } from './exchange.ts'
import type { HealthCardOperation } from './settings.ts'

/** 接口调用次数限制, for a day; 接口调用被限制. */
const DAILY_LIMIT = '10034'
const CLOSING: readonly string[] = [DAILY_LIMIT, '21007']
/** How long an interface stays closed after the first refusal; doubled at each that follows, ms. A limit may be lifted during the day. */
const FIRST_MS = 30_000
const MOST_MS = 600_000

type Closed = { until: number; forMs: number; error: PlatformError }

/** The same exchange; while an operation is closed it rejects with the platform's own refusal, and nothing is sent. */
export function withGates(exchange: Exchange, now: () => number): Exchange {
  const closed = new Map<HealthCardOperation, Closed>()
  return async (operation, req, options) => {
    const gate = closed.get(operation)
    if (gate !== undefined && now() < gate.until) {
      const { ending, fault } = gate.error
      throw new PlatformError(ending, fault, { answered: false, sent: false, retryAfterMs: gate.until - now() })
    }
    try {
      const rsp = await exchange(operation, req, options)
      closed.delete(operation)
      return rsp
    } catch (error) {
      if (error instanceof PlatformError && error.answered && CLOSING.includes(error.fault.code)) {
        const forMs = Math.min(MOST_MS, gate === undefined ? FIRST_MS : gate.forMs * 2)
        const until = error.fault.code === DAILY_LIMIT ? Math.min(now() + forMs, nextChinaMidnight(now())) : now() + forMs
        closed.set(operation, { until, forMs, error })
      }
      throw error
    }
  }
}
