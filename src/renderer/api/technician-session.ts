/** The technician's token: kept as long as the tab lives, and no longer than somebody works with it. */
const KEY = 'maqiao.technician'

export type TechnicianSession = { token: string; expiresAt: number }

/** The session of this tab, or null where there is none or it has run out. */
export function readTechnician(now = Date.now()): TechnicianSession | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as TechnicianSession | null
    return kept && typeof kept.token === 'string' && kept.expiresAt > now ? kept : null
  } catch {
    return null
  }
}

export function keepTechnician(session: TechnicianSession): void {
  sessionStorage.setItem(KEY, JSON.stringify(session))
}

export function forgetTechnician(): void {
  sessionStorage.removeItem(KEY)
}
