/** What the state database holds, as it is handed about. */
import type { Outcome } from '../transcode/outcome.ts'
import type { Kept } from '../transcode/platforms/platform.ts'

/** An outcome as it is kept: encrypted on disk until it expires. */
export type StoredOutcome = { outcome: Outcome; kept: Kept }

export type EventType = 'outcome' | 'device' | 'outbox'
export type StoredEvent = { seq: number; type: EventType; at: string; data: unknown }
