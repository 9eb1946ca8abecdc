/** Where a patient stands at the kiosk, and what of theirs is on it; leaving forgets everything. */
import { computed, reactive } from 'vue'
import { ApiError, type Client } from '../api/client.ts'
import type { Link } from '../api/events.ts'
import type { EventMessage, Progress, ScreenInfo } from '../api/screen-types.ts'
import type { Outcome, Status } from '../../transcode/outcome.ts'
import type { EndingFamily } from '../messages/kiosk-endings-zh-cn.ts'
import type { CodeKind } from '../messages/kiosk-zh-cn.ts'
import { faultFamily } from '../messages/ending-family.ts'
import type { VisitFloor } from './visit-floor.ts'

export type Place = 'attract' | 'welcome' | 'guide' | 'scan' | 'no-code'
export type Shown = 'card-code' | 'phone-entry'
export type StageName = Place | Shown | 'working' | 'offline' | Status

export type KioskOptions = { client: Client; floor: VisitFloor; now?: () => number }
export type Kiosk = ReturnType<typeof createKiosk>

/** An older outcome, replayed after a break, is nobody's any more. */
const FRESH_MS = 60_000
const WORKING_AFTER_MS = 120
const NOTHING = /^$/

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

  const stage = computed<StageName>(() => {
    if (state.working) return 'working'
    if (state.problem) return state.problem === 'unknown' ? 'unrecognised' : 'unavailable'
    if (state.outcome) return state.outcome.status === 'accepted' ? (state.shown ?? 'accepted') : state.outcome.status
    return state.link === 'down' ? 'offline' : state.place
  })
  /** Some device can read a code; one that is still opening counts. */
  const canScan = computed(() => {
    const { screen } = state
    if (!screen) return true
    return screen.camera === true || screen.keyboard === true || screen.devices.some(({ state }) => state === 'open' || state === 'opening')
  })

  function forget(): void {
    clearTimeout(workingTimer)
    Object.assign(state, { working: null, outcome: null, shown: null, entryUrl: null, problem: null, busy: false })
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
      if (floor.isBelow(at) || now() - at > FRESH_MS) return
      if (state.outcome && at < Date.parse(state.outcome.scannedAt)) return
      if (state.working && outcome.id !== state.working.scanId && at < state.working.startedAt) return
    }
    clearTimeout(workingTimer)
    Object.assign(state, { working: null, problem: null, outcome })
    if (!mine) Object.assign(state, { shown: null, entryUrl: null })
    if (state.place === 'attract') state.place = 'welcome'
  }

  function takeProgress(progress: Progress): void {
    clearTimeout(workingTimer)
    // Most answers are faster than this: the stage would only flash.
    workingTimer = setTimeout(() => {
      if (state.link === 'down' || state.outcome?.id === progress.scanId) return
      Object.assign(state, { working: { ...progress, startedAt: now() - WORKING_AFTER_MS }, outcome: null, shown: null, entryUrl: null, problem: null })
      if (state.place === 'attract') state.place = 'welcome'
    }, WORKING_AFTER_MS)
  }

  function fail(error: unknown): void {
    if (!(error instanceof ApiError)) throw error
    Object.assign(state, { working: null, outcome: null, problem: faultFamily('maqiao', error.fault.code) ?? 'terminal' })
  }

  function take(message: EventMessage): void {
    const { screen } = state
    if (message.type === 'outcome') takeOutcome(message.data)
    else if (message.type === 'progress') takeProgress(message.data)
    else if (message.type === 'device' && screen) replaceById(screen.devices, message.data)
    else if (message.type === 'platform' && screen) replaceById(screen.platforms, message.data)
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

function replaceById<T extends { id: string }>(list: T[], item: T): void {
  const at = list.findIndex(({ id }) => id === item.id)
  if (at >= 0) list.splice(at, 1, item)
  else list.push(item)
}
