/** What is wrong beside the scan itself, worst first. */
import type { Hint, ScreenInfo } from '../api/screen-types.ts'
import { sharedZhCn } from '../messages/shared-zh-cn.ts'
import { deskZhCn } from '../messages/desk-zh-cn.ts'

export type Alert = Hint & { level: 'stop' | 'care' }

/** A platform refuses at 10 minutes; staff hear of it from 5. */
export const SKEW_MS = 300_000

/** From the screen's live state; notices of the terminal that this says better are left out. */
export function alertsOf(screen: ScreenInfo | null, online: boolean): Alert[] {
  if (!screen) return []
  const words = deskZhCn.alerts
  const { outbox, platforms, notices } = screen
  const list: Alert[] = []
  if (outbox.fault) list.push({ ...outbox.fault, level: 'stop' })
  if (!online) list.push({ code: 'NETWORK_OFF', message: words.network, advice: words.networkAdvice, level: 'stop' })
  if (platforms.every(({ state }) => state === 'off')) {
    list.push({ code: 'NO_PLATFORM', message: words.noPlatform, advice: words.noPlatformAdvice, level: 'care' })
  }
  const skewed = platforms.filter(({ clockSkewMs }) => Math.abs(clockSkewMs ?? 0) >= SKEW_MS)
  const [worst] = skewed.sort((a, b) => Math.abs(b.clockSkewMs ?? 0) - Math.abs(a.clockSkewMs ?? 0))
  if (worst) {
    const skew = worst.clockSkewMs ?? 0
    const message = words.skew(sharedZhCn.platforms[worst.id] ?? worst.name, Math.round(Math.abs(skew) / 60_000), skew > 0)
    list.push({ code: 'CLOCK_SKEW', message, advice: words.skewAdvice, level: Math.abs(skew) >= 600_000 ? 'stop' : 'care' })
  }
  if (outbox.dead > 0) {
    list.push({ code: 'OUTBOX_DEAD', message: words.dead(outbox.dead), advice: words.deadAdvice, level: 'care' })
  }
  if (outbox.unproven > 0) {
    list.push({ code: 'OUTBOX_UNPROVEN', message: words.unproven(outbox.unproven), advice: words.unprovenAdvice, level: 'care' })
  }
  const known = new Set(list.map(({ code }) => code))
  for (const notice of notices) if (!known.has(notice.code)) list.push({ ...notice, level: 'care' })
  return list
}
