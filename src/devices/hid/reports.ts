/** Input reports of a HID POS scanner -> the bytes of one code. */
import { systemTimers, type Timers } from '../framer.ts'
import { POS_LAYOUT, type ReportLayout } from './report-layout.ts'

export type HidCode = {
  readonly bytes: Uint8Array
  /** AIM identifier such as `]Q1`, where the scanner filled it in. */
  readonly aim?: string
  /** Its last report promised more, and none came. */
  readonly cutOff: boolean
}

export type ReportsOptions = {
  readonly layout?: ReportLayout
  /** The longest code over all its reports, bytes. Default 8192. */
  readonly maxBytes?: number
  /** Silence after a report that promised more, ms: then what came is the code. Default 300. */
  readonly gapMs?: number
  /** How long the device must be silent after these bytes, ms; asked where `gapMs` have passed. Default `gapMs`. */
  pauseAfter?(bytes: Uint8Array): number
  readonly timers?: Timers
  code(code: HidCode): void
  /** A report that lies about its length, or a code past the limit: what was held of it is thrown away. */
  broken(reason: 'length' | 'overflow'): void
}

const AIM = /^\][A-Za-z][0-9A-Za-z]$/

/** Joins the reports of one code by their "continued" flag; `reset` forgets a half one. */
export function createReports(options: ReportsOptions): { push(report: Uint8Array): void; reset(): void } {
  const { layout = POS_LAYOUT, maxBytes = 8192, gapMs = 300, timers = systemTimers } = options
  let parts: Uint8Array[] = []
  let length = 0
  let aim: string | undefined
  let skipping = false
  let waiting: { cancel(): void } | undefined

  const reset = (): void => {
    waiting?.cancel()
    waiting = undefined
    parts = []
    length = 0
    aim = undefined
    skipping = false
  }
  /** The rest of the code, up to its last report, is of no use either. */
  const breakOff = (reason: 'length' | 'overflow', more: boolean): void => {
    reset()
    skipping = more
    if (more) waiting = timers.after(gapMs, reset)
    options.broken(reason)
  }
  const end = (cutOff: boolean): void => {
    const code: HidCode = { bytes: Buffer.concat(parts), cutOff, ...(aim !== undefined && { aim }) }
    reset()
    if (code.bytes.length > 0) options.code(code)
  }
  // Some firmware promises more after a full report when there is none: the next code must not be joined to it.
  const gap = (): void => {
    const more = (options.pauseAfter?.(Buffer.concat(parts)) ?? gapMs) - gapMs
    if (more > 0) waiting = timers.after(more, () => end(true))
    else end(true)
  }

  return {
    reset,
    push(report) {
      if (layout.reportId !== undefined && report[0] !== layout.reportId) return
      const more = layout.moreAt !== undefined && ((report[layout.moreAt] ?? 0) & (layout.moreMask ?? 1)) !== 0
      if (skipping) {
        reset()
        skipping = more
        if (more) waiting = timers.after(gapMs, reset)
        return
      }
      const size = report[layout.lengthAt] ?? 0
      if (size > layout.dataBytes || layout.dataAt + size > report.length) return breakOff('length', more)
      if (length + size > maxBytes) return breakOff('overflow', more)
      if (parts.length === 0) aim = aimOf(report, layout)
      parts.push(Uint8Array.prototype.slice.call(report, layout.dataAt, layout.dataAt + size))
      length += size
      waiting?.cancel()
      if (more) waiting = timers.after(gapMs, gap)
      else end(false)
    },
  }
}

function aimOf(report: Uint8Array, { aimAt }: ReportLayout): string | undefined {
  if (aimAt === undefined) return undefined
  const text = String.fromCharCode(...report.subarray(aimAt, aimAt + 3))
  return AIM.test(text) ? text : undefined
}
