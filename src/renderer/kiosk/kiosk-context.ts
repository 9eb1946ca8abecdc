/** What every part of the kiosk shares. */
import type { ComputedRef, InjectionKey } from 'vue'
import type { Client } from '../api/client.ts'
import type { KioskWords } from '../messages/kiosk-zh-cn.ts'
import type { CardCode } from './card-code.ts'
import type { Kiosk } from './kiosk-state.ts'
import type { KioskSounds } from './kiosk-sounds.ts'
import type { Language } from './speech.ts'
import type { CallReason, HelpCall } from './help-call.ts'
import type { Voice } from './voice.ts'

/** What a patient has chosen for this visit. */
export type Preferences = { language: Language; elder: boolean; contrast: boolean; quiet: boolean }

export type Overlay = 'call' | 'pin'

export type KioskContext = {
  client: Client
  kiosk: Kiosk
  words: ComputedRef<KioskWords>
  prefs: Preferences
  sounds: KioskSounds
  voice: Voice
  cardCode: CardCode
  overlay: { name: Overlay | null }
  /** The call for help on the screen. */
  call: HelpCall['shown']
  callStaff(reason?: CallReason): void
  /** Where a patient goes whom nobody comes to; empty until the terminal has told. */
  helpPlace(): string
  /** The hospital's 居民健康卡 mark as a data URL, null where it has none. */
  cardMark(): string | null
  /** Whether a card can be registered here. */
  registers(): boolean
  closeOverlay(): void
  /** Seconds until the stage goes back, null where it does not count; `soon` where it asks. */
  clock: { secondsLeft: number | null; soon: boolean }
  /** A touch: the countdown starts anew. */
  touch(): void
  /** Says a headline and its lead, after the tone of the stage where it has one. */
  announce(headline: string, lead?: string): void
  /** Says what the camera sees amiss, to the elderly. */
  hint(words: string): void
}

export const KIOSK: InjectionKey<KioskContext> = Symbol('kiosk')
