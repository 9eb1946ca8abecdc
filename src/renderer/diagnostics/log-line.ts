/** A line of the log (JSON) as a technician reads it. */
import { clockOf } from './words-of-time.ts'

export type LogLine = { at: string; level: string; event: string; rest: string }

const NAMED = new Set(['level', 'time', 'msg', 'event', 'pid', 'hostname', 'name'])

/** What is not JSON is shown as it stands. */
export function logLine(line: string): LogLine {
  try {
    const { level = 'info', time, msg, event, ...others } = JSON.parse(line) as Record<string, unknown>
    const rest = Object.entries(others)
      .filter(([key]) => !NAMED.has(key))
      .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    return { at: typeof time === 'string' ? clockOf(time) : '', level: String(level), event: String(event ?? msg ?? ''), rest: rest.join('　') }
  } catch {
    return { at: '', level: 'info', event: '', rest: line }
  }
}
