/** The local API as the screens call it. */
import type { Choice } from '../../devices/camera/choice.ts'
import type { Outcome } from '../../transcode/outcome.ts'
import { createCaller } from './caller.ts'
import type { KioskInfo, RegisteredPerson, Sample, ScreenInfo, ScreenPatch, StaffCall } from './screen-types.ts'
import { keepSession } from './session.ts'

export type ManualScan = { text: string; kind?: 'keyboard' | 'camera'; name?: string }

export type Client = ReturnType<typeof createClient>

/** Calls with a token; `onUnauthorised` is told of a 401. Every call rejects with ApiError. */
export function createClient(options: { token: string; onUnauthorised: () => void }) {
  let { token } = options

  const { call, send } = createCaller({ token: () => token, onUnauthorised: options.onUnauthorised })
  const on = (id: string) => `outcomes/${encodeURIComponent(id)}`
  return {
    token: () => token,
    /** A new token in time: a screen may stay up for longer than a session lasts. */
    async renew(): Promise<void> {
      token = (await call<{ token: string }>('POST', 'session/renewal', {})).token
      keepSession(token)
    },
    screen: () => call<ScreenInfo>('GET', 'screen'),
    setScreen: (patch: ScreenPatch) => call<ScreenInfo>('PATCH', 'screen', patch),
    outcomes: (after: number, limit: number) =>
      call<{ outcomes: Outcome[] }>('GET', `outcomes?after=${after}&limit=${limit}`),
    choose: (id: string, targetId: string) => call<Outcome>('POST', `${on(id)}/choice`, { targetId }),
    /** The whole Outcome, nothing masked: to be shown while asked for, and forgotten. */
    reveal: (id: string, reason?: string) => call<Outcome>('POST', `${on(id)}/reveal`, reason ? { reason } : {}),
    scan: (scan: ManualScan) => call<Outcome>('POST', 'scans', scan),
    /** Which of the texts in a camera's view is the patient's. */
    chooseCode: (texts: readonly string[]) => call<Choice>('POST', 'screen/choice', { texts }),
    samples: () => call<{ samples: Sample[] }>('GET', 'rehearsal'),
    sampleCode: (id: string) => call<{ text: string }>('GET', `rehearsal/${encodeURIComponent(id)}/code`),
    /** The patient's own 电子健康卡 code, to be fetched again after `refreshInMs` where that is told; 404 or 503 where there is none. */
    dynamicCode: (id: string) => call<{ qrCodeText: string; refreshInMs?: number }>('POST', `${on(id)}/dynamic-code`, {}),
    /** 北京's entry for the patient's phone; 404 or 503 where there is none. */
    beijingEntry: (id: string) => call<{ url: string }>('POST', `${on(id)}/beijing-entry`, {}),
    /** Whether a technician's PIN is set, and how long the door is locked, ms. */
    technician: () => call<{ pinSet: boolean; lockedMs: number }>('GET', 'technician'),
    /** The first PIN; 409 where there is one. */
    setTechnicianPin: (pin: string) => call<unknown>('POST', 'technician/pin', { pin }),
    openTechnician: (pin: string) => call<{ token: string; expiresInMs: number }>('POST', 'technician/session', { pin }),
    kiosk: () => call<KioskInfo>('GET', 'kiosk'),
    /** What the picture of an identity card says; `imageContent` is Base64 of a JPEG. */
    readCard: (imageContent: string) => call<Partial<RegisteredPerson>>('POST', 'kiosk/registration/picture', { imageContent }),
    /** Makes the card, and gives its outcome as if it had been scanned. */
    registerCard: (person: RegisteredPerson & { whom: string }, signal: AbortSignal) => call<Outcome | null>('POST', 'kiosk/registration', person, signal),
    /** A recording of the hospital's own. */
    recording: async (language: string, prompt: string): Promise<Blob> =>
      (await send('GET', `kiosk/recordings/${language}/${encodeURIComponent(prompt)}`)).blob(),
    /** What was scanned up to `at` (ms since 1970) is nobody's any more. */
    endVisit: (at: number) => call<unknown>('POST', 'visit/end', { at }),
    callStaff: (reason: string) => call<{ call: StaffCall }>('POST', 'staff-call', { reason }),
    withdrawCall: () => call<unknown>('POST', 'staff-call/withdrawal', {}),
    seeCall: (id: string) => call<unknown>('POST', `staff-call/${encodeURIComponent(id)}/seen`, {}),
    rehearse: (id: string) => call<unknown>('POST', `rehearsal/${encodeURIComponent(id)}/scan`, {}),
  }
}
