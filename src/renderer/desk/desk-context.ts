/** What every part of the desk shares. */
import type { InjectionKey } from 'vue'
import type { Desk } from './desk-state.ts'
import type { Primary } from './primary-action.ts'
import type { Reveal } from './reveal.ts'
import type { Sounds } from './sounds.ts'

export type DeskContext = {
  desk: Desk
  reveal: Reveal
  sounds: Sounds
  /** The one action of the state on stage. */
  primary: Primary
  selection: { index: number }
  copyField(index: number): void
  holdFull(): void
  retryLink(): void
  turnSound(): void
  /** What a digit does in the dialog that is open. */
  dialog: { digit?: (index: number) => void }
}

export const DESK: InjectionKey<DeskContext> = Symbol('desk')
