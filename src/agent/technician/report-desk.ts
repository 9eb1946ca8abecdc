/** Reports in a technician's hands: found, read masked, put right, tried again, carried away. */
import type { Outbox, ReportState, ReportView } from '../../outbox/outbox.ts'
import { AgentError } from '../fault.ts'
import type { AuditLog } from './audit-log.ts'
import { fieldsOf, maskPayload, type PayloadField } from './masked-payload.ts'

/** Words for a report's state. */
const REPORT_STATE_NAMES = {
  pending: '等待上报',
  paused: '该类上报已暂停',
  waiting: '没有配置接收平台',
  dead: '上报失败，待处理',
  unproven: '是否已计数待核实',
} as const satisfies Record<ReportState, string>

export type ReportRow = ReportView & { stateName: string }
export type ReportDetail = ReportRow & {
  payload: Record<string, unknown> | null
  fields: PayloadField[]
  readable: boolean
}
export type Filter = { state?: ReportState | undefined; text?: string | undefined; limit?: number | undefined }
export type NewValue = string | number | boolean | null
type Reason = { why: string; who: string }

export type ReportDesk = {
  /** `inside` looks into the payloads of dead reports too. */
  list(filter: Filter, inside?: boolean): { reports: ReportRow[]; more: boolean }
  /** Masked. All of these throw AgentError REPORT_UNKNOWN for an unknown id. */
  read(id: string): ReportDetail
  reveal(id: string, reason: Reason): ReportDetail
  /** Throws REPORT_NOT_DEAD, REPORT_UNREADABLE or BAD_REQUEST for a path that leads nowhere. */
  edit(id: string, set: Record<string, NewValue>, reason: Reason): ReportDetail
  /** An unproven report goes under a new id. */
  retry(id: string, who?: string): void
  /** Closes an unproven report as delivered. Throws REPORT_NOT_UNPROVEN. */
  settle(id: string, who?: string): void
  /**
   * Erases dead reports for good, each with a word in the audit that says whether it had been exported;
   * returns how many. Throws REPORT_NOT_DEAD where one of them is alive: then none is erased.
   */
  remove(ids: readonly string[], reason: Reason): number
  /** The dead and the unproven. Rejects with PASSPHRASE_TOO_SHORT. */
  export(passphrase: string, reason: Reason): Promise<Uint8Array>
  resume(kind: string): void
  /** What a restored or cloned installation keeps back is sent. */
  release(reason: Reason): void
}

/** How many reports are looked through at most. */
const MAX_SEARCHED = 20_000
/** How many payloads are opened for one search: each is deciphered. */
const MAX_OPENED = 2000
const DEFAULT_LIMIT = 200

export function createReportDesk({ outbox, audit }: { outbox: Outbox; audit: Pick<AuditLog, 'write'> }): ReportDesk {
  /** What left as a file at the last export: it takes all there is. */
  let exported: ReadonlySet<string> = new Set()
  const rowsOf = (state: ReportState | undefined): ReportView[] =>
    outbox
      .reports(MAX_SEARCHED, state === 'dead' || state === 'unproven' ? state : undefined)
      .filter((report) => state === undefined || report.state === state)

  function rowOf(id: string): ReportRow {
    const found = outbox.report(id)
    if (!found) throw new AgentError('REPORT_UNKNOWN')
    return named(found)
  }

  function payloadOf(id: string): Record<string, unknown> | null {
    try {
      return outbox.readReport(id)?.payload ?? null
    } catch {
      return null
    }
  }

  function detail(id: string, masked: boolean): ReportDetail {
    const row = rowOf(id)
    const payload = payloadOf(id)
    if (payload === null) return { ...row, payload: null, fields: [], readable: false }
    const shown = masked ? (maskPayload(payload) as Record<string, unknown>) : payload
    return { ...row, payload: shown, fields: fieldsOf(payload, masked), readable: true }
  }

  return {
    list({ state, text, limit = DEFAULT_LIMIT }, inside = false) {
      const wanted = text?.trim().toLowerCase() ?? ''
      let opened = 0
      const isInside = (report: ReportView): boolean => {
        if (!inside || report.state !== 'dead' || opened++ >= MAX_OPENED) return false
        const fields = fieldsOf(payloadOf(report.id) ?? {}, false)
        return fields.some(({ value }) => String(value).toLowerCase().includes(wanted))
      }
      const found = rowsOf(state).filter((report) => wanted === '' || isOutside(report, wanted) || isInside(report))
      return { reports: found.slice(0, limit).map(named), more: found.length > limit }
    },
    read: (id) => detail(id, true),
    reveal(id, { why, who }) {
      rowOf(id)
      audit.write(who, 'report.revealed', { report: id, why })
      return detail(id, false)
    },
    edit(id, set, { why, who }) {
      if (rowOf(id).state !== 'dead') throw new AgentError('REPORT_NOT_DEAD')
      const payload = payloadOf(id)
      if (payload === null) throw new AgentError('REPORT_UNREADABLE')
      const edited = structuredClone(payload)
      const lost = Object.entries(set).filter(([path, value]) => !put(edited, path.split('.'), value))
      if (lost.length > 0)
        throw new AgentError(
          'BAD_REQUEST',
          lost.map(([path]) => ({ path: `set.${path}`, message: '内容中没有这个位置' })),
        )
      audit.write(who, 'report.edited', { report: id, why, fields: Object.keys(set).join(' ').slice(0, 1000) })
      if (!outbox.editReport(id, edited)) throw new AgentError('REPORT_NOT_DEAD')
      return detail(id, true)
    },
    retry(id, who = 'technician') {
      rowOf(id)
      audit.write(who, 'report.retried', { report: id })
      if (!outbox.retry(id)) throw new AgentError('REPORT_UNKNOWN')
    },
    settle(id, who = 'technician') {
      if (rowOf(id).state !== 'unproven') throw new AgentError('REPORT_NOT_UNPROVEN')
      audit.write(who, 'report.settled', { report: id })
      if (!outbox.settle(id)) throw new AgentError('REPORT_NOT_UNPROVEN')
    },
    remove(ids, { why, who }) {
      const rows = [...new Set(ids)].map(rowOf)
      if (rows.some(({ state }) => state !== 'dead')) throw new AgentError('REPORT_NOT_DEAD')
      for (const { id, kind } of rows) {
        audit.write(who, 'report.removed', { report: id, kind, why, exported: exported.has(id) })
        outbox.removeDead(id)
      }
      return rows.length
    },
    async export(passphrase, { why, who }) {
      if ([...passphrase].length < 8) throw new AgentError('PASSPHRASE_TOO_SHORT')
      const dead = outbox.reports(MAX_SEARCHED, 'dead')
      const { dead: refused, unproven } = outbox.status()
      audit.write(who, 'reports.exported', { why, reports: refused + unproven })
      const file = await outbox.exportDead(passphrase)
      exported = new Set(dead.map(({ id }) => id))
      return file
    },
    release({ why, who }) {
      audit.write(who, 'reports.released', { why, reports: outbox.status().held })
      outbox.release()
    },
    resume(kind) {
      // A kind that nobody has would be kept as a lane for ever.
      if (!outbox.status().lanes.some((lane) => lane.kind === kind)) throw new AgentError('REPORT_UNKNOWN')
      audit.write('technician', 'lane.resumed', { kind })
      outbox.resume(kind)
    },
  }
}

function named(report: ReportView): ReportRow {
  return { ...report, stateName: REPORT_STATE_NAMES[report.state] }
}

function isOutside({ id, kind, lastError }: ReportView, wanted: string): boolean {
  return [id, kind, lastError?.code, lastError?.message].some((part) => part?.toLowerCase().includes(wanted))
}

/** Sets or removes one member; false where its path leads nowhere. */
function put(root: Record<string, unknown>, path: readonly string[], value: NewValue): boolean {
  const [last, ...above] = [...path].reverse() as [string, ...string[]]
  let place: unknown = root
  for (const key of above.reverse()) {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, key)) return false
    place = (place as Record<string, unknown>)[key]
  }
  if (typeof place !== 'object' || place === null || last === '' || last === '__proto__') return false
  if (Array.isArray(place) && !Object.hasOwn(place, last)) return false
  const before = Object.hasOwn(place, last) ? (place as Record<string, unknown>)[last] : undefined
  if (typeof before === 'object' && before !== null && value !== null) return false
  if (value !== null) (place as Record<string, unknown>)[last] = value
  else if (Array.isArray(place)) place.splice(Number(last), 1)
  else delete (place as Record<string, unknown>)[last]
  return true
}
