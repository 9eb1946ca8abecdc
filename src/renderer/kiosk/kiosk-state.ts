/** Where a patient stands at the kiosk, and what of theirs is on it; leaving forgets everything. */
import { computed, reactive } from 'vue'
import { ApiError } from '../api/api-error.ts'
import type { Client } from '../api/client.ts'
import type { Link } from '../api/events.ts'
import { canRead } from '../api/readers.ts'
import { takeChange } from '../api/screen-changes.ts'
import type { EventMessage, Progress, ScreenInfo } from '../api/screen-types.ts'
import type { Outcome, Status } from '../../transcode/outcome.ts'
import type { EndingFamily } from '../messages/kiosk-endings-zh-cn.ts'
import type { CodeKind } from '../messages/kiosk-zh-cn.ts'
import { faultFamily } from '../messages/ending-family.ts'
import type { VisitFloor } from './visit-floor.ts'

export type Place = 'attract' | 'welcome' | 'guide' | 'scan' | 'no-code' | 'register'
export type Shown = 'card-code' | 'phone-entry'
export type StageName = Place | Shown | 'working' | 'offline' | Status

export type KioskOptions = { client: Client; floor: VisitFloor; now?: () => number }
export type Kiosk = ReturnType<typeof createKiosk>

/** An older outcome, replayed after a break, is nobody's any more. */
const FRESH_MS = 60_000
const WORKING_AFTER_MS = 120
const NOTHING = /^$/
/** What is of a patient, gone. */
const OF_NOBODY = { working: null, outcome: null, shown: null, entryUrl: null, problem: null }

/** Times are ms. */
export function createKiosk({ client, floor, now = Date.now }: KioskOptions) {
  const state = reactive({
    link: 'connecting' as Link,
    screen: null as ScreenInfo | null,
    place: 'attract' as Place,
    kind: null as CodeKind | null,
    step: 0,
    working: null as (Progress & { startedAt: number }) | null,
    outcome: null as Outcome | null,
    /** Shown beside an accepted outcome. */
    shown: null as Shown | null,
    /** 北京's address for the patient's phone, while it is shown. */
    entryUrl: null as string | null,
    /** A reading that the terminal did not take. */
    problem: null as EndingFamily | null,
    busy: false,
  })
  let workingTimer: ReturnType<typeof setTimeout> | undefined
  /** The latest scan that a platform was asked about, and the latest that the patient walked away from. */
  let askedScan: string | undefined
  let leftScan: string | undefined

  const stage = computed<StageName>(() => {
    if (state.working) return 'working'
    if (state.problem) return state.problem === 'unknown' ? 'unrecognised' : 'unavailable'
    if (state.outcome) return state.outcome.status === 'accepted' ? (state.shown ?? 'accepted') : state.outcome.status
    return state.link === 'down' ? 'offline' : state.place
  })
  const canScan = computed(() => canRead(state.screen))

  function forget(): void {
    clearTimeout(workingTimer)
    // A second platform may be asked about it yet.
    leftScan = askedScan
    if (state.outcome || state.working) void client.endVisit(now()).catch(() => undefined)
    Object.assign(state, { ...OF_NOBODY, busy: false })
    // The engine keeps the last text that any pattern matched, such as the code just drawn.
    NOTHING.test('')
    // What was scanned before now belongs to nobody who is still here.
    floor.raise(now())
  }

  function go(place: Place): void {
    forget()
    Object.assign(state, { place, kind: null, step: 0 })
  }

  function takeOutcome(outcome: Outcome): void {
    const at = Date.parse(outcome.scannedAt)
    const mine = outcome.id === state.outcome?.id
    if (!mine) {
      if (floor.isBelow(at) || now() - at > FRESH_MS) return void endWait(outcome.id)
      if (state.outcome && at < Date.parse(state.outcome.scannedAt)) return
      if (state.working && outcome.id !== state.working.scanId && at < state.working.startedAt) return
    }
    clearTimeout(workingTimer)
    Object.assign(state, { working: null, problem: null, outcome })
    if (!mine) Object.assign(state, { shown: null, entryUrl: null })
    if (state.place === 'attract') state.place = 'welcome'
  }

  /** Asked only after the patient had left: its answer is for nobody, and nothing waits for it. */
  function endWait(scanId: string): void {
    if (scanId !== askedScan) return
    clearTimeout(workingTimer)
    if (state.working?.scanId === scanId) state.working = null
  }

  function takeProgress(progress: Progress): void {
    if (progress.scanId === leftScan) return
    askedScan = progress.scanId
    clearTimeout(workingTimer)
    // Most answers are faster than this: the stage would only flash.
    workingTimer = setTimeout(() => {
      if (state.link === 'down' || state.outcome?.id === progress.scanId) return
      Object.assign(state, { ...OF_NOBODY, working: { ...progress, startedAt: now() - WORKING_AFTER_MS } })
      if (state.place === 'attract') state.place = 'welcome'
    }, WORKING_AFTER_MS)
  }

  function fail(error: unknown): void {
    if (!(error instanceof ApiError)) throw error
    clearTimeout(workingTimer)
    Object.assign(state, { ...OF_NOBODY, problem: faultFamily('maqiao', error.fault.code) ?? 'terminal' })
  }

  function take(message: EventMessage): void {
    const { screen } = state
    if (message.type === 'outcome') takeOutcome(message.data)
    else if (message.type === 'progress') takeProgress(message.data)
    else if (screen) takeChange(screen, message)
    if (message.type === 'device' && message.data.fault?.code === 'DEVICE_CUT') misread()
  }

  /** A scanner's code that came in part; what stands already is not spoilt by the rest of it. */
  function misread(): void {
    if (!state.outcome && !state.working) state.problem = 'incomplete'
  }

  return {
    state,
    stage,
    canScan,
    take,
    go,
    /** Back to the start, nothing kept. */
    leave: () => go('welcome'),
    guide(kind: CodeKind | null): void {
      go('guide')
      state.kind = kind
    },
    /** Shows something beside the accepted outcome, or the outcome again. */
    show(shown: Shown | null, entryUrl: string | null = null): void {
      if (state.outcome?.status === 'accepted') Object.assign(state, { shown, entryUrl })
    },
    /** Reads the screen's facts, and an outcome that arrived while nobody listened. */
    async refresh(latestSeq: number): Promise<void> {
      state.screen = await client.screen()
      const { outcomes } = await client.outcomes(Math.max(0, latestSeq - 20), 20)
      for (const outcome of outcomes) takeOutcome(outcome)
    },
    setLink(link: Link): void {
      if (link === 'connecting' && state.link === 'down') return
      state.link = link
      // Nobody will answer a question that was under way when the terminal went.
      if (link === 'down' && state.working) Object.assign(state, { working: null, problem: 'terminal' })
    },
    /** What this page itself read, by camera or keyboard. */
    async read(text: string, kind: 'camera' | 'keyboard'): Promise<void> {
      const from = now()
      try {
        takeOutcome(await client.scan({ text, kind }))
      } catch (error) {
        if (!floor.isBelow(from)) fail(error)
      }
    },
    misread,
    /** Makes a card, which then stands here as if it had been scanned. Rejects with ApiError. */
    async register(person: Parameters<Client['registerCard']>[0], signal: AbortSignal): Promise<void> {
      const outcome = await client.registerCard(person, signal)
      if (outcome && !signal.aborted) takeOutcome(outcome)
    },
    async choose(targetId: string): Promise<void> {
      const id = state.outcome?.id
      if (!id || state.busy) return
      state.busy = true
      try {
        const chosen = await client.choose(id, targetId)
        if (state.outcome?.id === id) takeOutcome(chosen)
      } catch (error) {
        if (state.outcome?.id === id) fail(error)
      } finally {
        state.busy = false
      }
    },
  }
}
