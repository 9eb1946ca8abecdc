/** The kiosk's tones; they stand beside the words and never alone. */
import accepted from '../../../resources/sounds/accepted.wav?url'
import call from '../../../resources/sounds/call.wav?url'
import choose from '../../../resources/sounds/choose.wav?url'
import refused from '../../../resources/sounds/refused.wav?url'
import step from '../../../resources/sounds/step.wav?url'

const FILES = { accepted, choose, refused, call, step }
export type SoundName = keyof typeof FILES

export type KioskSounds = ReturnType<typeof createKioskSounds>

/** Plays one at a time, as loud as `volume` says; a browser that wants a touch first is silent until then. */
export function createKioskSounds(volume: () => number) {
  const players = new Map<SoundName, HTMLAudioElement>()
  let playing: HTMLAudioElement | undefined
  return {
    /** Resolves when it has ended or cannot be heard. */
    play(name: SoundName): Promise<void> {
      document.documentElement.dataset['lastSound'] = name
      playing?.pause()
      let player = players.get(name)
      if (!player) players.set(name, (player = new Audio(FILES[name])))
      playing = player
      player.currentTime = 0
      player.volume = volume()
      const heard = player
      return new Promise((resolve) => {
        heard.onended = heard.onpause = () => resolve()
        heard.play().catch(() => resolve())
      })
    },
    stop: () => playing?.pause(),
  }
}
