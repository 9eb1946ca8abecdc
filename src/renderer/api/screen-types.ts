/** What the local API tells the screens, beside the Outcome. */
import type { DeviceStatus } from '../../devices/scanner.ts'
import type { Outcome, PlatformId } from '../../transcode/outcome.ts'

export type Hint = { code: string; message: string; advice: string }

export type PlatformState = {
  id: PlatformId
  name: string
  state: 'ok' | 'failing' | 'unknown' | 'off'
  message?: string
  /** The platform's clock minus ours, ms; requests are refused at 600000. */
  clockSkewMs?: number
}

export type OutboxState = { pending: number; dead: number; unproven: number; fault: Hint | null }

export type Entry = { code: string; name: string }

export type Terminal = {
  id: string
  mode: 'window' | 'kiosk'
  department?: string
  sceneCode?: string
  medicalStep?: string
  channel?: string
}

export type ScreenInfo = {
  terminal: Terminal
  hospital: { name: string } | null
  version: string
  host: string
  rehearsal: boolean
  /** Keyboard scanners are read by this page. */
  keyboard?: boolean
  camera?: boolean
  /** The one camera to use of several. */
  cameraId?: string
  devices: DeviceStatus[]
  platforms: PlatformState[]
  /** What the terminal takes; `platform` is asked about it, null where nobody is. */
  formats: TakenFormat[]
  outbox: OutboxState
  dictionaries: { scenes: Entry[]; medicalSteps: Entry[] }
  forgetAfterMs: number
  notices: Hint[]
}

export type TakenFormat = { format: string; label: string; platform: PlatformId | null; taken: boolean }

export type ScreenPatch = Partial<Pick<Terminal, 'department' | 'sceneCode' | 'medicalStep'>>

/** Which platforms are being asked about a scan, until its outcome (`id` is `scanId`) arrives. */
export type Progress = {
  scanId: string
  format: string
  formatName: string
  asking: { platform: string; platformName: string }[]
}

export type Sample = { id: string; format: string; formatName: string; title: string; note?: string }

/** A patient's call for staff, as the agent's `staff-call.ts` tells it. */
export type StaffCall = { id: string; at: string; reason: string; state: 'local' | 'sending' | 'told' | 'failed' | 'seen' }

/** What a card is registered with, in the document's own words (3.2.2). */
export type RegisteredPerson = Record<'name' | 'gender' | 'nation' | 'birthday' | 'idNumber' | 'phone1', string> & { address?: string }

export type KioskInfo = {
  /** 0 to 1. */
  volume: number
  /** Where a patient goes whom nobody comes to. */
  helpPlace: string
  /** The hospital's own, by language and prompt. */
  recordings: Record<'zh' | 'en', Record<string, string>>
  /** A data URL of the hospital's 居民健康卡 mark, null where it has none. */
  cardMark: string | null
  /** Whether a patient without a card may register one here. */
  registration?: boolean
  call: StaffCall | null
}

export type EventMessage =
  | { type: 'hello'; seq: number; at: string; data: { seq?: number } & Record<string, unknown> }
  | { type: 'outcome'; seq: number; at: string; data: Outcome }
  | { type: 'device'; seq: number; at: string; data: DeviceStatus }
  | { type: 'outbox'; seq: number; at: string; data: OutboxState }
  | { type: 'progress'; seq: number; at: string; data: Progress }
  | { type: 'platform'; seq: number; at: string; data: PlatformState }
  | { type: 'staff-call'; seq: number; at: string; data: { call: StaffCall | null } }
