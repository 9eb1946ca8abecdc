/** Times and durations as a technician reads them. */
import { diagnosticsZhCn as words } from '../messages/diagnostics/diagnostics-zh-cn.ts'

const pad = (value: number) => String(value).padStart(2, '0')

/** `14:03:09`, on this machine's clock. */
export function clockOf(iso: string): string {
  const at = new Date(iso)
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`
}

/** `11-22 14:03:09`; the year too where it is not this one. */
export function momentOf(iso: string): string {
  const at = new Date(iso)
  const year = at.getFullYear() === new Date().getFullYear() ? '' : `${at.getFullYear()}-`
  return `${year}${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${clockOf(iso)}`
}

/** `2026-11-22`. */
export function dateOf(iso: string): string {
  const at = new Date(iso)
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`
}

/** How long ago, to now. */
export function ageOf(iso: string, now = Date.now()): string {
  return words.duration(Math.max(0, Math.round((now - Date.parse(iso)) / 1000)))
}

/** 0.42 ms, 8.1 ms, 142 ms, 2.4 s: three figures say enough. */
export function durationOf(ms: number | null): string {
  if (ms === null) return '—'
  if (ms < 0.005) return '0 ms'
  if (ms >= 9950) return `${Math.round(ms / 1000)} s`
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  if (ms >= 9.95) return `${ms.toFixed(0)} ms`
  return ms >= 1 ? `${ms.toFixed(1)} ms` : `${ms.toFixed(2)} ms`
}
