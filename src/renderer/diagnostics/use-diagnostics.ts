/** Joins the diagnostic screen to its terminal: calls, events, the clock that logs out. */
import { computed, onBeforeUnmount, onMounted, reactive, shallowRef } from 'vue'
import { openEvents, type Link } from '../api/events.ts'
import { forgetTechnician, keepTechnician, type TechnicianSession } from '../api/technician-session.ts'
import { createDiagnosticsClient } from './diagnostics-client.ts'
import type { DiagnosticsContext } from './diagnostics-context.ts'
import type { Checks, SectionId, TechnicianEvent } from './diagnostics-types.ts'
import { faultOf } from './faults.ts'
import { useLoad } from './use-load.ts'

/** As long as the terminal itself lets a door stand open. */
const IDLE_MS = 10 * 60_000
const WARN_MS = 60_000
const OVERVIEW_EVERY_MS = 4000
const TOAST_MS = 5000
const PERSON = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const

export function useDiagnostics(session: TechnicianSession, options: { onEnded: () => void; onSection: (section: SectionId) => void }) {
  const client = createDiagnosticsClient({ token: session.token, onClosed: () => end(false) })
  const view = reactive({ section: 'overview' as SectionId, toast: null as string | null, dialogs: 0, link: 'connecting' as Link })
  const now = shallowRef(Date.now())
  const expiresAt = shallowRef(Date.now() + IDLE_MS)
  const checks = shallowRef<Checks | null>(null)
  const checking = shallowRef(false)
  const overview = useLoad(client.overview, OVERVIEW_EVERY_MS)
  const listeners = new Set<(event: TechnicianEvent) => void>()
  let toastTimer: ReturnType<typeof setTimeout> | undefined
  let ended = false

  const events = openEvents({
    token: () => session.token,
    bytes: true,
    onMessage(message) {
      const event = message as unknown as TechnicianEvent
      if (event.type === 'bytes' || event.type === 'baud' || event.type === 'doctor') for (const listener of listeners) listener(event)
      else if (message.type === 'device' || message.type === 'platform' || message.type === 'outbox') void overview.refresh()
    },
    onLink: (link) => (view.link = link),
    onFailed: () => void overview.refresh(),
  })

  function end(say: boolean): void {
    if (ended) return
    ended = true
    forgetTechnician()
    // Whoever leaves is let go at once; the terminal forgets the session by itself where it cannot be told.
    if (say) void client.end().catch(() => undefined)
    options.onEnded()
  }

  const context: DiagnosticsContext = {
    client,
    overview: overview.data,
    overviewFault: overview.fault,
    checks,
    checking,
    async runChecks() {
      if (checking.value) return
      checking.value = true
      try {
        checks.value = await client.check()
        await overview.refresh()
      } catch (error) {
        context.fail(error)
      }
      checking.value = false
    },
    refresh: overview.refresh,
    go(section) {
      view.section = section
      options.onSection(section)
    },
    say(text) {
      view.toast = text
      clearTimeout(toastTimer)
      toastTimer = setTimeout(() => (view.toast = null), TOAST_MS)
    },
    fail(error) {
      const { message, advice } = faultOf(error)
      context.say(`${message}　${advice}`)
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    dialog: (open) => (view.dialogs += open ? 1 : -1),
  }

  function stay(): void {
    const next = Date.now() + IDLE_MS
    // Not at every move of the mouse.
    if (next - expiresAt.value < 1000) return
    expiresAt.value = next
    keepTechnician({ ...session, expiresAt: next })
  }

  const ticking = setInterval(() => {
    now.value = Date.now()
    if (now.value >= expiresAt.value) end(true)
  }, 1000)

  onMounted(() => {
    for (const type of PERSON) window.addEventListener(type, stay, { passive: true })
    void context.runChecks()
  })
  onBeforeUnmount(() => {
    for (const type of PERSON) window.removeEventListener(type, stay)
    clearInterval(ticking)
    clearTimeout(toastTimer)
    events.close()
  })

  const leavingIn = computed(() => {
    const left = expiresAt.value - now.value
    return left < WARN_MS ? Math.max(0, Math.ceil(left / 1000)) : null
  })
  return { context, view, leavingIn, lock: () => end(true) }
}
