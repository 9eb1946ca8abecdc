/** Joins the kiosk to its terminal and its patient: events, keys, voice, the clock that forgets. */
import { computed, onBeforeUnmount, reactive, shallowRef, watch } from 'vue'
import { listenToKeyboard } from '../../devices/keyboard/listen.ts'
import type { Client } from '../api/client.ts'
import { openEvents } from '../api/events.ts'
import { startHeartbeat } from '../api/heartbeat.ts'
import type { KioskInfo } from '../api/screen-types.ts'
import { kioskEn } from '../messages/kiosk-en.ts'
import { kioskZhCn } from '../messages/kiosk-zh-cn.ts'
import { createCardCode } from './card-code.ts'
import { listenForCorner } from './corner-gesture.ts'
import type { KioskContext, Overlay, Preferences } from './kiosk-context.ts'
import { createKioskSounds, type SoundName } from './kiosk-sounds.ts'
import { createKiosk, type StageName } from './kiosk-state.ts'
import { blockWaysOut } from './no-way-out.ts'
import { createHelpCall, type CallReason } from './help-call.ts'
import { CALL_MS, isCounted, limitOf, PIN_MS, SOON_MS } from './stage-limits.ts'
import { createVisitFloor } from './visit-floor.ts'
import { createVoice, type Saying } from './voice.ts'

const TICK_MS = 250
/** A hint waits so long for the words before it: who moves a phone needs a moment. */
const HINT_EVERY_MS = 7000
const SPOKEN_RATE = { usual: 1, elder: 0.8 }
const SOUNDS: Partial<Record<StageName, SoundName>> = {
  accepted: 'accepted',
  choose: 'choose',
  rejected: 'refused',
  unavailable: 'refused',
  unrecognised: 'refused',
}
const usual = (): Preferences => ({ language: 'zh', elder: false, contrast: false, quiet: false })

export function useKiosk(client: Client): KioskContext {
  const kiosk = createKiosk({ client, floor: createVisitFloor() })
  const { state, stage } = kiosk
  const prefs = reactive(usual())
  const words = computed(() => (prefs.language === 'en' ? kioskEn : kioskZhCn))
  const info = shallowRef<KioskInfo | null>(null)
  const sounds = createKioskSounds(() => info.value?.volume ?? 1)
  const voice = createVoice(client, () => info.value)
  const cardCode = createCardCode(client.dynamicCode)
  const overlay = reactive({ name: null as Overlay | null })
  const help = createHelpCall(client, (state) => {
    const { headline, lead } = words.value.call.states[state]
    // The bell itself says the others.
    if (state !== 'local' && state !== 'sending') say([headline, lead(helpPlace())], { recorded: [headline] })
  })
  const helpPlace = () => info.value?.helpPlace ?? ''
  const registers = () => info.value?.registration === true
  const cardMark = () => info.value?.cardMark ?? null
  const clock = reactive({ secondsLeft: null as number | null, soon: false })
  let touchedAt = Date.now()
  let saidAt = 0

  function announce(headline: string, lead = ''): void {
    if (prefs.quiet || headline === '') return
    const tone = SOUNDS[stage.value]
    saidAt = Date.now()
    say(lead ? [headline, lead] : [headline], tone ? { after: sounds.play(tone) } : {})
  }

  function say(parts: readonly string[], more: Partial<Saying> = {}): void {
    voice.say(parts, { language: prefs.language, rate: prefs.elder ? SPOKEN_RATE.elder : SPOKEN_RATE.usual, ...more })
  }

  function hint(text: string): void {
    if (!prefs.elder || prefs.quiet || Date.now() - saidAt < HINT_EVERY_MS) return
    saidAt = Date.now()
    say([text])
  }

  function ring(): void {
    // Who turned the voice off still wants to be found.
    const { spoken, spokenPlain } = words.value.call
    const after = sounds.play('call')
    say([spoken(state.screen?.terminal.id ?? '')], { rate: SPOKEN_RATE.elder, after, recorded: [spokenPlain] })
  }

  function callStaff(reason: CallReason = 'help'): void {
    overlay.name = 'call'
    ring()
    void help.ring(reason)
  }

  function closeOverlay(): void {
    help.end()
    overlay.name = null
    hush()
    touch()
  }

  function hush(): void {
    voice.stop()
    sounds.stop()
  }

  function touch(): void {
    touchedAt = Date.now()
    clock.soon = false
    tick()
  }

  function tick(): void {
    const limit = overlay.name === 'call' ? CALL_MS : overlay.name === 'pin' ? PIN_MS : limitOf(stage.value, prefs.elder)
    const left = limit === undefined ? undefined : touchedAt + limit - Date.now()
    const shown = left !== undefined && overlay.name === null && isCounted(stage.value)
    clock.secondsLeft = shown ? Math.max(0, Math.ceil(left / 1000)) : null
    const soon = shown && left <= SOON_MS
    if (soon && !clock.soon && !prefs.quiet) say([words.value.time.spoken])
    clock.soon = soon
    if (left === undefined || left > 0) return
    if (overlay.name) return closeOverlay()
    if (stage.value !== 'welcome') return kiosk.leave()
    kiosk.go('attract')
    Object.assign(prefs, usual())
  }

  const events = openEvents({
    token: client.token,
    onMessage(message) {
      // What changed while nobody listened is no event.
      if (message.type === 'hello') {
        void kiosk.refresh(message.data.seq ?? message.seq).catch(() => undefined)
        void client.kiosk().then((told) => (info.value = told), () => undefined)
      }
      kiosk.take(message)
      help.takeEvent(message)
    },
    onLink: kiosk.setLink,
    // A refused socket does not say why; a plain call does, and a 401 leads to the door.
    onFailed: () => void client.screen().catch(() => undefined),
  })

  // Its socket stays open: without this a patient would hold up a code to a terminal that stands still.
  const stopHeartbeat = startHeartbeat({ onChange: (alive) => kiosk.setLink(alive ? 'up' : 'down') })

  let stopReading = () => {}
  watch(
    () => state.screen?.keyboard === true,
    (on) => {
      stopReading()
      stopReading = on
        ? listenToKeyboard({
            second: window.maqiaoShell?.onKeyboard,
            onReading: ({ text }) => void kiosk.read(text, 'keyboard'),
            onUnreadable: kiosk.misread,
          })
        : () => {}
    },
    { immediate: true },
  )
  watch([stage, () => state.outcome?.id, () => state.step], touch)
  watch(stage, (now) => {
    if (now === 'card-code' && state.outcome) cardCode.open(state.outcome.id)
    else cardCode.close()
    if (now === 'attract') hush()
  })
  // An answer closes the pad, not a call for help.
  watch(() => state.outcome?.id, (id) => {
    if (id && overlay.name === 'pin') closeOverlay()
  })
  watch(() => words.value.htmlLang, (lang) => (document.documentElement.lang = lang), { immediate: true })

  const stopBlocking = blockWaysOut()
  const stopCorner = listenForCorner(() => {
    overlay.name = 'pin'
    touch()
  })
  const ticking = setInterval(tick, TICK_MS)
  const onPointer = () => touch()
  window.addEventListener('pointerdown', onPointer, true)

  onBeforeUnmount(() => {
    events.close()
    stopHeartbeat()
    stopReading()
    stopBlocking()
    stopCorner()
    cardCode.close()
    voice.close()
    sounds.stop()
    clearInterval(ticking)
    window.removeEventListener('pointerdown', onPointer, true)
  })

  return { client, kiosk, words, prefs, sounds, voice, cardCode, overlay, call: help.shown, callStaff, helpPlace, cardMark, registers, closeOverlay, clock, touch, announce, hint }
}
