/** Joins the desk to its terminal: events, keys, sounds, keyboard scanners, the clock that forgets. */
import { computed, nextTick, onBeforeUnmount, reactive, shallowRef, watch } from 'vue'
import { listenToKeyboard } from '../../devices/keyboard/listen.ts'
import type {} from '../../preload/shell.ts'
import type { Client } from '../api/client.ts'
import { openEvents } from '../api/events.ts'
import { startHeartbeat } from '../api/heartbeat.ts'
import { deskZhCn } from '../messages/desk-zh-cn.ts'
import { alertsOf } from './alerts.ts'
import { createBell } from './bell.ts'
import { copyText } from './copy-text.ts'
import type { DeskContext } from './desk-context.ts'
import { pressKey } from './desk-keys.ts'
import { createDesk } from './desk-state.ts'
import { isCommand, listenKeys } from './keyboard.ts'
import { patientFields } from './patient-fields.ts'
import { createPrimary } from './primary-action.ts'
import { createReveal } from './reveal.ts'
import { createSounds } from './sounds.ts'
import { createStaffCalls } from './staff-calls.ts'

const FORGET_EVERY_MS = 1000
/** Lower than any full desk: the shell has made the window a strip. */
const STRIP_HEIGHT = 200
const STRIP_PX = 84
/** A dialog hangs below the strip as long as it is open, and so does a call for help: neither hides the patient. */
const STRIP_WITH_DIALOG_PX = 600
const STRIP_WITH_CALL_PX = 164

export function useDesk(client: Client, focusSearch: () => void) {
  const sounds = createSounds()
  const desk = createDesk({ client, play: sounds.play })
  const reveal = createReveal(client.reveal, desk.fail)
  const selection = reactive({ index: 0 })
  const { state } = desk
  const strip = shallowRef(window.innerHeight < STRIP_HEIGHT)
  const bell = createBell()
  const staffCalls = createStaffCalls(client, bell)

  const events = openEvents({
    token: client.token,
    onMessage(message) {
      desk.take(message)
      staffCalls.take(message)
    },
    onLink: desk.setLink,
    // A refused socket does not say why; a plain call does, and a 401 leads to the door.
    onFailed: () => void client.screen().catch(() => undefined),
  })
  const stopHeartbeat = startHeartbeat({
    onChange(alive) {
      // Its socket was never closed: what it holds back will come through it, or a new one is opened.
      desk.setLink(alive ? 'up' : 'down')
    },
  })
  const context: DeskContext = {
    desk,
    reveal,
    sounds,
    selection,
    primary: createPrimary(desk, selection, () => events.retryNow()),
    copyField: (index) => void copyField(index),
    holdFull() {
      const id = state.current?.outcome.id
      if (id && (desk.stage.value === 'accepted' || desk.stage.value === 'choose')) void reveal.hold(id)
    },
    retryLink: () => events.retryNow(),
    turnSound: () => desk.say(deskZhCn.sound.now(deskZhCn.sound.levels[sounds.turn()] ?? '')),
    dialog: {},
  }

  async function copyField(index: number): Promise<void> {
    const outcome = state.current?.outcome
    const field = outcome && patientFields(outcome)[index]
    if (!outcome || !field) return
    try {
      const full = await client.reveal(outcome.id, deskZhCn.accepted.copy)
      const copied = await copyText(full.patient?.[field.key] ?? '')
      desk.say(copied ? deskZhCn.accepted.copied(field.label) : deskZhCn.accepted.copyFailed)
    } catch (error) {
      desk.fail(error)
    }
  }

  function toggleStrip(): void {
    strip.value = !strip.value
    layOut()
  }

  function layOut(): void {
    const height = state.overlay ? STRIP_WITH_DIALOG_PX : staffCalls.call.value ? STRIP_WITH_CALL_PX : STRIP_PX
    if (window.maqiaoShell) {
      void window.maqiaoShell.setLayout(strip.value ? 'strip' : 'full', height)
      return
    }
    // In a browser's app window this does it, in a tab it does nothing.
    const frame = window.outerHeight - window.innerHeight
    window.resizeTo(screen.availWidth, strip.value ? height + frame : screen.availHeight)
  }
  watch(
    [() => state.overlay !== null, () => staffCalls.call.value !== null],
    () => strip.value && layOut(),
  )

  /** The strip has neither list nor tray. */
  async function unfold(): Promise<void> {
    if (strip.value) toggleStrip()
    await nextTick()
  }

  function answerCall(): boolean {
    if (!staffCalls.call.value) return false
    void staffCalls.see()
    return true
  }

  const moves = { toggleStrip, unfold, focusSearch: () => void unfold().then(focusSearch), answerCall }
  const keys = { press: (key: string) => pressKey(key, context, moves) }
  const stopKeys = listenKeys({
    press: keys.press,
    hold: context.holdFull,
    release: reveal.release,
    shared: () => state.screen?.keyboard === true,
  })
  let stopReading = () => {}
  watch(
    () => state.screen?.keyboard === true,
    (on) => {
      stopReading()
      stopReading = on
        ? listenToKeyboard({
            second: window.maqiaoShell?.onKeyboard,
            onReading: ({ text }) => void desk.read(text),
            onUnreadable: ({ message, advice }) => desk.say(`${message}：${advice}`),
            onTyped: (typed) => {
              // A command before it was obeyed at once: F3 and a quick digit are two keys all the same.
              const [key, ...more] = typed.filter((each) => !isCommand(each))
              if (key !== undefined && more.length === 0) keys.press(key)
            },
          })
        : () => {}
    },
    { immediate: true },
  )

  // Once at the start and after each break: what changed meanwhile is no event.
  watch(
    () => state.link,
    (link) => {
      if (link === 'up') void desk.refresh().catch(desk.fail)
    },
    { immediate: true },
  )
  watch(
    () => state.current?.outcome.id,
    () => (selection.index = 0),
  )

  watch(sounds.blocked, (blocked) => blocked && desk.say(deskZhCn.sound.blocked))

  const forgetting = setInterval(desk.forgetOld, FORGET_EVERY_MS)
  const onNetwork = () => (state.online = navigator.onLine)
  const onResize = () => {
    if (window.innerHeight < STRIP_HEIGHT) strip.value = true
  }
  window.addEventListener('online', onNetwork)
  window.addEventListener('offline', onNetwork)
  window.addEventListener('resize', onResize)

  onBeforeUnmount(() => {
    events.close()
    stopHeartbeat()
    stopKeys()
    stopReading()
    bell.stop()
    reveal.release()
    clearInterval(forgetting)
    window.removeEventListener('online', onNetwork)
    window.removeEventListener('offline', onNetwork)
    window.removeEventListener('resize', onResize)
  })

  return { context, strip, toggleStrip, staffCalls, alerts: computed(() => alertsOf(state.screen, state.online)) }
}
