/** The technician's calls of the local API. */
import { createCaller } from '../api/caller.ts'
import type {
  Audit, Checks, DoctorState, Examination, HandOperations, Latency, Overview, Ports, Preview, ReportDetail, ReportList, ReportState, SavedSettings,
  SettingsAnswer, ShownSheet, Support, Update,
} from './diagnostics-types.ts'

export type Reason = { why: string; who?: string }

/** A file to be saved, with the name that the terminal gave it. */
export type Download = { blob: Blob; name: string }

export type DiagnosticsClient = ReturnType<typeof createDiagnosticsClient>

/** Calls with a technician's token; `onClosed` is told when the door has shut. Every call rejects with ApiError. */
export function createDiagnosticsClient(options: { token: string; onClosed: () => void }) {
  const { call, send } = createCaller({ token: () => options.token, onUnauthorised: options.onClosed })
  async function fetchFile(path: string, body: unknown): Promise<Download> {
    const reply = await send('POST', path, body)
    const name = /filename="([^"]+)"/.exec(reply.headers.get('content-disposition') ?? '')?.[1]
    return { blob: await reply.blob(), name: name ?? 'maqiao.bin' }
  }
  const examineKeys = (keys: { text: string; at: number }[]) =>
    call<{ sheet: string; report: Examination | null }>('POST', 'diagnostics/doctor', { mode: 'keyboard', keys })
  const device = (id: string) => `diagnostics/devices/${encodeURIComponent(id)}`
  const report = (id: string) => `diagnostics/reports/${encodeURIComponent(id)}`

  return {
    token: options.token,
    overview: () => call<Overview>('GET', 'diagnostics'),
    check: () => call<Checks>('POST', 'diagnostics/checks', {}),
    latency: () => call<Latency>('GET', 'diagnostics/latency'),
    log: () => call<{ lines: string[] }>('GET', 'diagnostics/log'),
    audit: () => call<Audit>('GET', 'diagnostics/audit'),
    ports: () => call<Ports>('GET', 'diagnostics/ports'),
    setupSheets: () => call<{ sheets: ShownSheet[] }>('GET', 'diagnostics/setup-sheets'),
    lend: (id: string, minutes: number) => call<{ lentUntil: string }>('POST', `${device(id)}/lend`, { minutes }),
    takeBack: (id: string) => call<{ takenBack: boolean }>('POST', `${device(id)}/take-back`, {}),
    detectBaud: (id: string, signal: AbortSignal) =>
      call<{ baudRate: number | null; configured: number }>('POST', `${device(id)}/detect-baud`, {}, signal),
    doctor: (id: string, action: 'start' | 'stop') => call<DoctorState>('POST', `${device(id)}/doctor`, { action }),
    /** What this page received of a keyboard scanner. */
    examineKeys,
    /** What to scan: the terminal says so beside any report. */
    testSheet: async () => (await examineKeys([{ text: ' ', at: 0 }])).sheet,
    operations: () => call<HandOperations>('GET', 'diagnostics/operations'),
    run: (platform: string, operation: string, body: unknown) =>
      call<unknown>('POST', `platforms/${platform}/${encodeURIComponent(operation)}`, body),
    /** A text is looked for in payloads too, so it never stands in an address. */
    reports({ text, ...rest }: { text: string; state?: ReportState; limit: number }): Promise<ReportList> {
      if (text !== '') return call('POST', 'diagnostics/reports/search', { text, ...rest })
      const state = rest.state === undefined ? '' : `&state=${rest.state}`
      return call('GET', `diagnostics/reports?limit=${rest.limit}${state}`)
    },
    report: (id: string) => call<ReportDetail>('GET', report(id)),
    revealReport: (id: string, reason: Reason) => call<ReportDetail>('POST', `${report(id)}/reveal`, reason),
    editReport: (id: string, set: Record<string, unknown>, reason: Reason) => call<ReportDetail>('PATCH', report(id), { set, ...reason }),
    settleReport: (id: string) => call<unknown>('POST', `${report(id)}/settle`, {}),
    retryReport: (id: string) => call<unknown>('POST', `${report(id)}/retry`, {}),
    exportReports: (passphrase: string, reason: Reason) => fetchFile('diagnostics/reports/export', { passphrase, ...reason }),
    removeReports: (ids: readonly string[], reason: Reason) => call<{ removed: number }>('POST', 'diagnostics/reports/remove', { ids, ...reason }),
    releaseReports: (reason: Reason) => call<unknown>('POST', 'diagnostics/reports/release', reason),
    resumeLane: (kind: string) => call<unknown>('POST', `diagnostics/lanes/${encodeURIComponent(kind)}/resume`, {}),
    settings: () => call<SettingsAnswer>('GET', 'diagnostics/settings'),
    previewSettings: (settings: unknown) => call<Preview>('POST', 'diagnostics/settings/preview', { settings }),
    saveSettings: (settings: unknown, revision: string, reason: Reason) =>
      call<SavedSettings>('PUT', 'diagnostics/settings', { settings, revision, ...reason }),
    exportSettings: () => fetchFile('diagnostics/settings/export', {}),
    rotateKey: (what: 'outbox' | 'api-token', reason: Reason) =>
      call<{ what: string; place?: string }>('POST', 'diagnostics/keys/rotate', { what, ...reason }),
    lookForUpdate: () => call<Update>('POST', 'diagnostics/update/look', {}),
    installUpdate: (version: string, reason: Reason) => call<Update>('POST', 'diagnostics/update/install', { version, ...reason }),
    support: () => call<Support>('GET', 'diagnostics/support'),
    saveSupport: () => fetchFile('diagnostics/support', {}),
    leaveTerminal: () => call<unknown>('POST', 'technician/leave', {}),
    end: () => call<unknown>('POST', 'technician/session/end', { token: options.token }),
  }
}
