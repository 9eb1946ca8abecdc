/** Rings for a patient who asks for help, whatever the desk's own volume: nobody else may be near. */
import callSound from '../../../resources/sounds/call.wav?url'

export function createBell() {
  const player = new Audio(callSound)
  return {
    ring(): void {
      document.documentElement.dataset['lastSound'] = 'call'
      player.currentTime = 0
      player.play().catch(() => undefined)
    },
    stop: () => player.pause(),
  }
}
