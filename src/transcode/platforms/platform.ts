/** The port behind which every platform hides, and what it is given to work with. */
import type { z } from 'zod'
import type { CodeFormat, EVoucher, Failure, Fault, HisResult, JudgedResult, Outcome, Patient, PlatformId, Target } from '../outcome.ts'
import type { HttpClient } from './http.ts'

/** The parts of `terminal` and `hospital` that requests are filled from. */
export type Site = {
  terminal: {
    id: string
    mode: 'window' | 'kiosk'
    /** 12 digits. */
    cityNo: string
    sceneCode?: string
    medicalStep: string
    channel: string
    department?: string
  }
  hospital?: { id: string; code: string; name: string; cityCode: string; cityName: string; insuranceCode?: string }
}

/** What a platform may use of the world; all of it replaceable in a test. */
export type PlatformTools = {
  http: HttpClient
  /** Milliseconds since 1970 on the wall clock. */
  now(): number
  /** 32 upper-case hex characters, new each time. */
  newId(): string
  site: Site
  /** A masked line for the log; `fields` hold codes, durations and counts only. */
  log(event: string, fields?: Record<string, string | number | boolean | undefined>): void
  /**
   * Lends a serial scanner to something that opens it itself, one that is open
   * before others; resolves once it is free, to what takes it back. Rejects where
   * it does not come free. `why` goes to the log.
   */
  lend?: (why: string) => Promise<() => void>
  /** A text of the platform's own that outlives a restart and a power cut, encrypted on disk; `write` throws where it is not there. Without it memory has to do. */
  note?: { read(): string | undefined; write(text: string): void }
}

/** A recognised code with its text: personal, never logged. */
export type Code = { readonly format: CodeFormat; readonly text: string }

/** What a platform says about a code it accepted. */
export type Answer = {
  patient?: Patient
  targets?: Target[]
  failures?: Failure[]
  eVoucher?: EVoucher
  notices?: string[]
  /** 用卡环节 that the platform counted by this very call (verifyQRCode, 3.2.11). */
  countedStep?: string
}

/** What is kept, encrypted, beside an outcome so that a later result can be reported. */
export type Kept = {
  /** The text that reports name the card by (health card's qrCodeText); absent for payment and unknown. */
  codeText?: string
  /** The 电子健康码 text where a target was verified. */
  healthCardText?: string
  /** 用卡环节 already counted for this outcome. */
  countedSteps: string[]
  /** What the HIS posted, by tradeNo. */
  results?: Record<string, HisResult>
}

/** A report that is owed, before it has an id. `payload` is whole business data, encrypted on disk. */
export type ReportDraft = {
  /** `<platform>/<operation>`, such as `health-card/reportHISData`: its lane in the outbox. */
  kind: string
  payload: Record<string, unknown>
}

/** What went unanswered under a requestId that is used again; as the outbox's own `OpenId`. */
export type OpenId = { note: string; refused: boolean }

/** One attempt to deliver a report; as the outbox's own `Attempt`. */
export type Attempt = {
  /** Null where the id is new. */
  open: OpenId | null
  /** The requestId, 32 hex, on disk with the note when it returns: called last before the request leaves, once. */
  begin(note?: string): string
}

/**
 * How an attempt ended. Same shape as the outbox's own `Delivery` (which imports nothing of ours).
 * `answered` false: nothing of the platform arrived, so the same requestId is used again.
 */
export type Delivered =
  | { kind: 'delivered' }
  /** `atGate`: answered, but not about the report; an id that was open stays open. `sent` false: nothing left the terminal. */
  | { kind: 'retry'; answered: boolean; atGate?: boolean; sent?: boolean; note?: string; error: DeliveryFault; retryAfterMs?: number }
  /** The whole lane rests: `until` is ms since 1970, `grow` lets the outbox double its own interval. */
  | { kind: 'pause'; until: number | 'grow'; error: DeliveryFault }
  /** Refused for good: the report goes to `dead`. */
  | { kind: 'refused'; atGate?: boolean; error: DeliveryFault }
  /** The platform has seen the id before, and nothing tells whether it took the report. */
  | { kind: 'unproven'; error: DeliveryFault }
export type DeliveryFault = Pick<Fault, 'code' | 'message' | 'advice' | 'requestId'>

/** One interface of a document under its own name. */
export type Operation = {
  /** The document and section, such as `电子健康卡 3.2.2`. */
  source: string
  title: string
  /** The document's request fields; what the settings hold may be left out. */
  request: z.ZodType
  /** The document's response fields. */
  response: z.ZodType
  /**
   * Makes the call. Rejects with RequestFault (nothing was sent) or PlatformError.
   * `body` is what `request` parsed.
   */
  call(body: never, options: { signal?: AbortSignal }): Promise<unknown>
}

/** A configured platform. */
export type Platform = {
  readonly id: PlatformId
  readonly operations: Readonly<Record<string, Operation>>
  /** Asks about a code of one of the definition's formats. Rejects with PlatformError. */
  ask?(code: Code, options: { signal?: AbortSignal }): Promise<Answer>
  /** What the code itself tells where the platform gave no answer, marked as unverified; a result is taken all the same. */
  unanswered?(code: Code): Answer | undefined
  /** Health card only: 动态二维码校验 for a target's code (3.2.11). */
  verify?(qrCodeText: string, options: { signal?: AbortSignal }): Promise<Answer>
  /**
   * What this platform is owed once the HIS has acted on an outcome; none is `[]`.
   * Throws RequestFault (422) where a required field is known to nobody.
   */
  reportsFor?(outcome: Outcome, kept: Kept, result: JudgedResult, at: number): ReportDraft[]
  /** A report of the HIS's own, without a scan here; undefined for a kind of somebody else. Throws RequestFault (400). */
  reportOf?(kind: string, content: Record<string, unknown>): ReportDraft | undefined
  /** Sends one report of a kind that `reportsFor` made; throws only what `attempt.begin` throws. */
  deliver?(report: ReportDraft, attempt: Attempt, options: { signal?: AbortSignal }): Promise<Delivered>
  /** Whether what is known now shows that a report was taken under an id that went unanswered. */
  isProven?(kind: string, open: OpenId): boolean
  /** Starts listening for what the platform asks of the hospital (泉州 获取医院收费信息); rejects where the port is taken. */
  serve?(): Promise<void>
  close?(): Promise<void>
}

/**
 * A platform as the registry knows it: one folder, one line in `index.ts`.
 * @typeParam S its section of the settings file
 */
export type PlatformDefinition<S = unknown> = {
  readonly id: PlatformId
  /** Its key under `platforms` in the settings, such as `healthCard`. */
  readonly settingsKey: string
  readonly settings: z.ZodType<S>
  /** Code formats it is asked about. */
  readonly formats: readonly CodeFormat[]
  /** Settings outside its section that it cannot work without, such as `terminal.cityNo`. */
  readonly needs?: readonly string[]
  create(settings: S, tools: PlatformTools): Platform
}
