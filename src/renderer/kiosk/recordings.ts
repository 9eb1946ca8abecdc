/** Recorded prompts, one after another and never two at once. */

export type Recordings = ReturnType<typeof createRecordings>

/** Between a headline and its lead. */
const BREATH_MS = 250

export function createRecordings() {
  const player = new Audio()
  let turn = 0
  let silence: (() => void) | undefined

  /** Resolves when it has ended, cannot be played, or was stopped. */
  function played(address: string, volume: number, rate: number): Promise<void> {
    return new Promise((resolve) => {
      silence = resolve
      player.onended = player.onerror = () => resolve()
      player.src = address
      player.volume = volume
      player.playbackRate = player.defaultPlaybackRate = rate
      // A browser that wants a touch first is silent until then.
      player.play().catch(() => resolve())
    })
  }

  function stop(): void {
    turn++
    player.onended = player.onerror = null
    player.pause()
    silence?.()
  }

  return {
    /** Instead of what is being played; `addresses` may take their time, `after` is waited for. */
    async play(addresses: Promise<readonly string[]>, { volume, rate, after }: { volume: number; rate: number; after: Promise<void> }): Promise<void> {
      stop()
      const mine = turn
      const [found] = await Promise.all([addresses.catch(() => []), after])
      for (const address of found) {
        if (mine !== turn) return
        await played(address, volume, rate)
        if (mine === turn) await new Promise((done) => setTimeout(done, BREATH_MS))
      }
    },
    stop,
  }
}
