/** The desk's three sounds and how loud they are; the choice is kept on this machine. */
import { shallowRef } from 'vue'
import accepted from '../../../resources/sounds/accepted.wav?url'
import choose from '../../../resources/sounds/choose.wav?url'
import refused from '../../../resources/sounds/refused.wav?url'
import type { SoundName } from './desk-state.ts'

const KEY = 'maqiao.sound'
const GAINS = [0, 0.25, 0.55, 1] as const
const FILES: Record<SoundName, string> = { accepted, choose, refused }

export type Sounds = ReturnType<typeof createSounds>

/** Levels 0 (mute) to 3. */
export function createSounds() {
  const kept = Number(localStorage.getItem(KEY) ?? 2)
  const level = shallowRef(kept in GAINS ? kept : 2)
  const blocked = shallowRef(false)
  const players = new Map<SoundName, HTMLAudioElement>()

  function play(name: SoundName): void {
    document.documentElement.dataset['lastSound'] = name
    if (level.value === 0) return
    let player = players.get(name)
    if (!player) players.set(name, (player = new Audio(FILES[name])))
    player.currentTime = 0
    player.volume = GAINS[level.value] ?? 0.55
    player.play().then(
      () => (blocked.value = false),
      (error: unknown) => (blocked.value = (error as DOMException).name === 'NotAllowedError'),
    )
  }

  return {
    level,
    blocked,
    play,
    /** Loud, medium, soft, mute, and round again; says so by playing. */
    turn(): number {
      level.value = (level.value + GAINS.length - 1) % GAINS.length
      localStorage.setItem(KEY, String(level.value))
      play('accepted')
      return level.value
    },
  }
}
