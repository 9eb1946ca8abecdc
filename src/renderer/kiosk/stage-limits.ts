/** How long each stage waits for a touch before it goes back, and how much slower that is for the elderly. */
import type { StageName } from './kiosk-state.ts'

/** ms; a stage that is not here waits for ever. */
const LIMITS_MS: Partial<Record<StageName, number>> = {
  welcome: 60_000,
  guide: 90_000,
  scan: 75_000,
  // Longer than any platform's time limit: the patient is waiting, not away.
  working: 90_000,
  accepted: 30_000,
  choose: 60_000,
  rejected: 45_000,
  unavailable: 45_000,
  unrecognised: 45_000,
  'card-code': 60_000,
  'phone-entry': 60_000,
  'no-code': 60_000,
  register: 120_000,
}
const ELDER_FACTOR = 2
/** A call for help rings on for so long. */
export const CALL_MS = 180_000
/** The PIN pad left alone. */
export const PIN_MS = 30_000
/** From here on the countdown asks whether anybody is there. */
export const SOON_MS = 10_000

/** Stages that count down on the screen; the others end quietly. */
const COUNTED: ReadonlySet<StageName> = new Set(
  (Object.keys(LIMITS_MS) as StageName[]).filter((stage) => stage !== 'welcome' && stage !== 'working'),
)
export const isCounted = (stage: StageName): boolean => COUNTED.has(stage)

/** ms, undefined for ever. */
export function limitOf(stage: StageName, elder: boolean): number | undefined {
  const limit = LIMITS_MS[stage]
  return limit === undefined ? undefined : limit * (elder ? ELDER_FACTOR : 1)
}
