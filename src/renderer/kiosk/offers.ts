/** What the terminal can show a patient beside the result, named on the outcome. */
import type { Outcome } from '../../transcode/outcome.ts'

export type Offer = 'dynamic-code' | 'beijing-entry'
export type KioskOutcome = Outcome & { readonly offers?: readonly Offer[] }

export const offersOf = (outcome: Outcome): readonly Offer[] => (outcome as KioskOutcome).offers ?? []
