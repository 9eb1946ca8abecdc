/** What the desk knows, and what it does with what the terminal tells it. */
import { computed, reactive, shallowReactive } from 'vue'
import { ApiError } from '../api/api-error.ts'
import type { Client } from '../api/client.ts'
import type { Link } from '../api/events.ts'
import { takeChange } from '../api/screen-changes.ts'
import type { CameraStands } from '../api/readers.ts'
import type { EventMessage, Progress, ScreenInfo, ScreenPatch } from '../api/screen-types.ts'
import type { Fault, Outcome, Status } from '../../transcode/outcome.ts'

export type StageName = 'waiting' | 'working' | 'offline' | Status
export type Overlay = 'manual' | 'scene' | 'step' | 'department' | 'help' | 'reasons'
export type SoundName = 'accepted' | 'choose' | 'refused'

/** An outcome with the moment it reached this screen, by which it is forgotten. */
export type Seen = { outcome: Outcome; at: number }

export type DeskOptions = {
  client: Client
  play(sound: SoundName): void
  now?: () => number
}

/** Older outcomes, replayed after a reconnect, go to the list without taking the stage. */
const FRESH_MS = 60_000
const LIST_MAX = 200
const PAGE = 500
const WORKING_AFTER_MS = 120

export type Desk = ReturnType<typeof createDesk>

/** The desk's state and the actions on it; times are ms. */
export function createDesk({ client, play, now = Date.now }: DeskOptions) {
  const state = reactive({
    link: 'connecting' as Link,
    downSince: null as number | null,
    screen: null as ScreenInfo | null,
    camera: { state: 'opening' } as CameraStands,
    current: null as Seen | null,
    working: null as (Progress & { startedAt: number }) | null,
    /** The patient was asked for a fresh code, so waiting says so. */
    expectFresh: false,
    overlay: null as Overlay | null,
    tray: false,
    recent: shallowReactive([]) as Seen[],
    toast: null as string | null,
    busy: false,
    online: navigator.onLine,
  })
  /** When the latest scan that had the stage was made. */
  let latestAt = 0
  let leftScan: string | null = null
  let workingTimer: ReturnType<typeof setTimeout> | undefined
  let toastTimer: ReturnType<typeof setTimeout> | undefined

  const stage = computed<StageName>(() => {
    if (state.link === 'down') return 'offline'
    if (state.working) return 'working'
    return state.current ? state.current.outcome.status : 'waiting'
  })

  function say(text: string): void {
    state.toast = text
    clearTimeout(toastTimer)
    toastTimer = setTimeout(() => (state.toast = null), 3200)
  }

  function sayFault({ message, advice }: { message: string; advice: string }): void {
    say(`${message}：${advice}`)
  }

  function fail(error: unknown): void {
    if (!(error instanceof ApiError)) throw error
    sayFault(error.fault)
  }

  function show(outcome: Outcome, options: { loud?: boolean } = {}): void {
    state.working = null
    state.expectFresh = false
    state.current = { outcome, at: now() }
    latestAt = Math.max(latestAt, Date.parse(outcome.scannedAt))
    if (state.overlay !== 'manual') state.overlay = null
    if (options.loud) play(soundOf(outcome.status))
  }

  function remember(outcome: Outcome): void {
    const at = state.recent.findIndex((seen) => seen.outcome.id === outcome.id)
    if (at >= 0) state.recent.splice(at, 1, { outcome, at: state.recent[at]?.at ?? now() })
    else state.recent.unshift({ outcome, at: Math.min(now(), Date.parse(outcome.scannedAt) || now()) })
    state.recent.sort((a, b) => b.outcome.seq - a.outcome.seq)
    state.recent.splice(LIST_MAX)
  }

  function takeOutcome(outcome: Outcome): void {
    const known = state.recent.some(({ outcome: { id, status } }) => id === outcome.id && status === outcome.status)
    remember(outcome)
    if (state.current?.outcome.id === outcome.id) {
      const loud = !known
      state.working = null
      state.current = { outcome, at: state.current.at }
      if (loud) play(soundOf(outcome.status))
      return
    }
    if (known) return
    if (now() - Date.parse(outcome.scannedAt) < FRESH_MS) show(outcome, { loud: true })
  }

  /** The late answer to an earlier scan, or to one that staff no longer wait for, does not take the stage. */
  function isForList(outcome: Outcome): boolean {
    if (outcome.id === leftScan) return true
    if (outcome.id === state.working?.scanId || outcome.id === state.current?.outcome.id) return false
    return Date.parse(outcome.scannedAt) < Math.max(latestAt, state.working?.startedAt ?? 0)
  }

  function take(message: EventMessage): void {
    if (message.type === 'progress') takeProgress(message.data)
    else if (message.type !== 'outcome') {
      if (state.screen) takeChange(state.screen, message)
      if (message.type === 'device' && message.data.fault?.code === 'DEVICE_CUT') sayFault(message.data.fault)
      if (message.type === 'outbox') void lookForResult()
    } else if (isForList(message.data)) remember(message.data)
    else takeOutcome(message.data)
  }

  function takeProgress(progress: Progress): void {
    const { scanId } = progress
    clearTimeout(workingTimer)
    // Most answers are faster than this: the stage would only flash.
    workingTimer = setTimeout(() => {
      // A second platform may be asked about a scan that staff no longer wait for.
      if (state.link === 'down' || scanId === leftScan || state.recent.some(({ outcome }) => outcome.id === scanId)) return
      state.working = { ...progress, startedAt: now() - WORKING_AFTER_MS }
      state.expectFresh = false
    }, WORKING_AFTER_MS)
  }

  /** What the HIS did with an outcome is no event of its own: each result stirs the outbox, which gives the hint. */
  async function lookForResult(): Promise<void> {
    const shown = state.current?.outcome
    if (shown?.status !== 'accepted') return
    const { outcomes } = await client.outcomes(shown.seq - 1, 1).catch(() => ({ outcomes: [] as Outcome[] }))
    const [found] = outcomes
    if (found?.id !== shown.id || found.handledAt === shown.handledAt) return
    remember(found)
    if (state.current?.outcome.id === found.id) state.current = { outcome: found, at: state.current.at }
  }

  async function refresh(): Promise<void> {
    state.screen = await client.screen()
    const since = now() - state.screen.forgetAfterMs
    // Oldest first is the only order there is, and the newest are wanted.
    for (let after = 0, more = true; more; ) {
      const { outcomes } = await client.outcomes(after, PAGE)
      for (const outcome of outcomes) if (Date.parse(outcome.scannedAt) > since) remember(outcome)
      more = outcomes.length === PAGE
      after = outcomes.at(-1)?.seq ?? after
    }
  }

  return {
    client,
    state,
    stage,
    now,
    say,
    fail,
    take,
    refresh,
    setLink(link: Link): void {
      if (link === 'down' && state.link !== 'down') state.downSince = now()
      if (link === 'up') state.downSince = null
      // Nobody will answer a question that was under way when the terminal went.
      if (link === 'down') state.working = null
      if (link !== 'connecting' || state.link !== 'down') state.link = link
    },
    /** Takes the stage for an outcome of the list. */
    open: (outcome: Outcome) => show(outcome),
    /** Back to waiting; `fresh` where the patient is to show a new code. */
    next(fresh = false): void {
      leftScan = state.working?.scanId ?? leftScan
      state.current = null
      state.working = null
      state.overlay = null
      state.expectFresh = fresh
    },
    forgetList(): void {
      state.recent.splice(0)
    },
    /** Drops all that is older than the terminal lets screens keep. */
    forgetOld(): void {
      const before = now() - (state.screen?.forgetAfterMs ?? 900_000)
      if (state.current && state.current.at < before) state.current = null
      for (let i = state.recent.length - 1; i >= 0; i--) {
        if ((state.recent[i]?.at ?? 0) < before) state.recent.splice(i, 1)
      }
    },
    async choose(targetId: string): Promise<void> {
      const id = state.current?.outcome.id
      if (!id || state.busy) return
      state.busy = true
      try {
        takeOutcome(await client.choose(id, targetId))
      } catch (error) {
        fail(error)
      } finally {
        state.busy = false
      }
    },
    /** Rejects with ApiError, which the form shows. */
    async enter(text: string, name: string): Promise<void> {
      takeOutcome(await client.scan(name ? { text, kind: 'keyboard', name } : { text, kind: 'keyboard' }))
      state.overlay = null
    },
    /** A reading that this page itself took: from the keys, or from the camera. */
    async read(text: string, kind: 'keyboard' | 'camera' = 'keyboard'): Promise<void> {
      try {
        takeOutcome(await client.scan({ text, kind }))
      } catch (error) {
        fail(error)
      }
    },
    async set(patch: ScreenPatch): Promise<boolean> {
      try {
        state.screen = await client.setScreen(patch)
        return true
      } catch (error) {
        fail(error)
        return false
      }
    },
    fault: (error: unknown): Fault | null => (error instanceof ApiError ? error.fault : null),
  }
}

function soundOf(status: Status): SoundName {
  return status === 'accepted' || status === 'choose' ? status : 'refused'
}
