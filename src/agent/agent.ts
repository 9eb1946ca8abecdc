/** The running terminal as its clients know it. */
import type { Hub } from '../devices/hub.ts'
import type { ScannerKind } from '../devices/scan.ts'
import type { Scanner } from '../devices/scanner.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { HisResult, Outcome } from '../transcode/outcome.ts'
import type { HttpClient } from '../transcode/platforms/http.ts'
import type { Site } from '../transcode/platforms/platform.ts'
import type { CodeChoice } from '../transcode/choose-code.ts'
import type { Asking, TakenFormat } from '../transcode/transcode.ts'
import type { EventLog } from './event-log.ts'
import type { Health, Notice } from './health.ts'
import type { Log } from './log.ts'
import type { Offer } from './offers.ts'
import type { NamedOperation, Operations } from './operations.ts'
import type { PlatformMonitor } from './platform-monitor.ts'
import type { OwnReport, Taken } from './results.ts'
import type { Settings } from './settings.ts'
import type { StaffCalls } from './staff-call.ts'
import type { StateStore } from './state-store.ts'
import type { AuditLog } from './technician/audit-log.ts'
import type { Door } from './technician/door.ts'
import type { Records } from './technician/records.ts'

/** Longest text that is taken for a code; a QR code holds 4296 letters at the most. */
export const MAX_TEXT = 4096

export type AgentOptions = {
  settings: Settings
  /** Where the outbox, the outcomes and the key live; made when missing. */
  dataDir: string
  /** The file the settings came from; none in the demo. */
  settingsFile?: string | undefined
  log: Log
  version: string
  now?: () => number
  /** Scanners beside those of the settings: the demo's virtual one, a test's. */
  scanners?: readonly Scanner[]
  http?: HttpClient
}

export type ScreenOutcome = Outcome & { offers: Offer[] }

export type Agent = {
  readonly settings: Settings
  readonly settingsFile: string | undefined
  readonly dataDir: string
  readonly version: string
  /** ms since 1970. */
  readonly startedAt: number
  /** The terminal's own data as requests are filled from it; a screen may change scene and department. */
  readonly site: Site
  readonly events: EventLog
  /** Outcomes before this moment are not shown any more, ms since 1970. */
  notBefore(): number
  readonly monitor: PlatformMonitor
  readonly hub: Hub
  readonly outbox: Outbox
  readonly state: StateStore
  readonly log: Log
  readonly door: Door
  readonly audit: AuditLog
  readonly records: Records
  readonly staffCalls: StaffCalls
  /** Opens the devices, starts sending, listens for platforms that call; rejects where such a port is taken. */
  start(): Promise<void>
  /** Takes a text as a scan that came by `kind`; resolves with its Outcome. Rejects with AgentError (400). */
  scan(text: string, source: { device: string; kind: ScannerKind }, extra?: { name?: string }): Promise<Outcome>
  /** Which of several texts in a camera's view is the patient's; nobody is asked, and nothing is kept. */
  chooseCode(texts: readonly string[]): CodeChoice
  outcome(id: string): Outcome
  /** The outcome as a screen may hold it: masked, with what it may offer the patient. */
  forScreen(outcome: Outcome): ScreenOutcome
  /** Makes the call behind an offer. Rejects with AgentError OFFER_NOT_POSSIBLE or as `call` does. */
  accept(id: string, offer: Offer): Promise<unknown>
  outcomes(after: number, limit: number): Outcome[]
  latestOutcomes(limit: number): Outcome[]
  choose(id: string, targetId: string): Promise<Outcome>
  result(id: string, result: HisResult): Taken
  /** A report of the HIS's own, without a scan here. */
  report(own: OwnReport): Taken
  /** Any interface of the documents by its own name. Rejects with AgentError, RequestFault or PlatformError. */
  call: Operations['call']
  operations(): NamedOperation[]
  setScene(scene: { department?: string; sceneCode?: string; medicalStep?: string }): void
  health(): Health
  /** What this terminal takes, and which platform is asked about it. */
  readonly formats: readonly TakenFormat[]
  notices(): Notice[]
  /** Told what is being asked for a scan that is under way; for screens only. */
  onAsking(listener: (scanId: string, asking: Asking) => void): () => void
  /** Stops reading devices, finishes what is in flight (at most `graceMs`, default 5000), closes the files. */
  stop(graceMs?: number): Promise<void>
}
