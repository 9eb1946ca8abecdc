/** The technician's knock: five taps in the top left corner within 3 s, or a press held for 5 s. */
const CORNER_PX = 120
const TAPS = 5
const WITHIN_MS = 3000
const HOLD_MS = 5000

/** Listens until the returned function is called. */
export function listenForCorner(onKnock: () => void, target: Window = window): () => void {
  const stop = new AbortController()
  const options = { signal: stop.signal, capture: true }
  let taps: number[] = []
  let hold: ReturnType<typeof setTimeout> | undefined

  function knock(): void {
    taps = []
    clearTimeout(hold)
    onKnock()
  }

  function down({ clientX, clientY }: PointerEvent): void {
    if (clientX > CORNER_PX || clientY > CORNER_PX) return void (taps = [])
    const now = performance.now()
    taps = [...taps.filter((at) => now - at <= WITHIN_MS), now]
    if (taps.length >= TAPS) return knock()
    clearTimeout(hold)
    hold = setTimeout(knock, HOLD_MS)
  }

  const up = () => clearTimeout(hold)
  target.addEventListener('pointerdown', down, options)
  target.addEventListener('pointerup', up, options)
  target.addEventListener('pointercancel', up, options)
  return () => {
    stop.abort()
    clearTimeout(hold)
  }
}
