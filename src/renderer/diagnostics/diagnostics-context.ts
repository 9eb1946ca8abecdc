/** What every section of the diagnostic screen works with. */
import type { InjectionKey, ShallowRef } from 'vue'
import type { Fault } from '../../transcode/outcome.ts'
import type { DiagnosticsClient } from './diagnostics-client.ts'
import type { Checks, Overview, SectionId, TechnicianEvent } from './diagnostics-types.ts'

export type DiagnosticsContext = {
  readonly client: DiagnosticsClient
  /** Asked anew every few seconds. */
  readonly overview: ShallowRef<Overview | null>
  readonly overviewFault: ShallowRef<Fault | null>
  /** The latest checks of this visit. */
  readonly checks: ShallowRef<Checks | null>
  readonly checking: ShallowRef<boolean>
  runChecks(): Promise<void>
  refresh(): Promise<void>
  go(section: SectionId): void
  /** A word in passing. */
  say(text: string): void
  /** Says why something did not succeed. */
  fail(error: unknown): void
  /** Bytes, speeds and reports as they come; returns its removal. */
  listen(listener: (event: TechnicianEvent) => void): () => void
  /** Told when a dialog opens and closes, so that what lies behind rests. */
  dialog(open: boolean): void
}

export const DIAGNOSTICS: InjectionKey<DiagnosticsContext> = Symbol('diagnostics')
