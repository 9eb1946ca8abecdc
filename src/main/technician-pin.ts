/** The PIN that lets a technician leave kiosk mode. */
import { createHash, timingSafeEqual } from 'node:crypto'

const TRIES = 5
const REST_MS = 60_000

/**
 * Checks a PIN in constant time; after 5 wrong ones it rests for a minute. Without a PIN (at least 4 characters) nobody leaves.
 * @param now ms of a clock that nobody puts back: it would rest for as long
 */
export function createPinCheck(pin: string | undefined, now: () => number = () => performance.now()): (given: string) => boolean {
  const wanted = pin !== undefined && pin.length >= 4 ? digest(pin) : undefined
  let wrong = 0
  let restUntil = 0
  return (given) => {
    if (wanted === undefined || now() < restUntil) return false
    if (timingSafeEqual(digest(given), wanted)) {
      wrong = 0
      return true
    }
    wrong += 1
    if (wrong % TRIES === 0) restUntil = now() + REST_MS
    return false
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
