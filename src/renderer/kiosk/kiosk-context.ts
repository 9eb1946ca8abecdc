/** What every part of the kiosk shares. */
import type { ComputedRef, InjectionKey } from 'vue'
import type { Client } from '../api/client.ts'
import type { KioskWords } from '../messages/kiosk-zh-cn.ts'
import type { CardCode } from './card-code.ts'
import type { Kiosk } from './kiosk-state.ts'
import type { KioskSounds } from './kiosk-sounds.ts'
import type { Language, Speech } from './speech.ts'

/** What a patient has chosen for this visit. */
export type Preferences = { language: Language; elder: boolean; contrast: boolean; quiet: boolean }

export type Overlay = 'call' | 'pin'

export type KioskContext = {
  client: Client
  kiosk: Kiosk
  words: ComputedRef<KioskWords>
  prefs: Preferences
  sounds: KioskSounds
  speech: Speech
  cardCode: CardCode
  overlay: { name: Overlay | null }
  /** The running number of the call for help on the screen. */
  call: { number: number }
  callStaff(): void
  closeOverlay(): void
  /** Seconds until the stage goes back, null where it does not count; `soon` where it asks. */
  clock: { secondsLeft: number | null; soon: boolean }
  /** A touch: the countdown starts anew. */
  touch(): void
  /** Says a headline and its lead in words or, where no voice may, by a tone. */
  announce(headline: string, lead?: string): void
}

export const KIOSK: InjectionKey<KioskContext> = Symbol('kiosk')
