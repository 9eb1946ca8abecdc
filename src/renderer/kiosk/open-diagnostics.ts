/** Leads a technician who gave the PIN to the diagnostics screen. */
const KEY = 'maqiao.technician'

/** The session is kept for this tab alone; the diagnostics screen reads it. */
export function openDiagnostics(token: string): void {
  sessionStorage.setItem(KEY, token)
  window.location.assign('/?screen=diagnostics')
}
