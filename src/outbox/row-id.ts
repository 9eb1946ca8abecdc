/** Report ids: a number that grows with time, written in 14 hex digits, so that its table is its index. */

const LAST = Number.MAX_SAFE_INTEGER
const PER_MS = 1024

/** The number of an id, or undefined where the text is none. */
export function rowNumber(id: string): number | undefined {
  return /^[01][0-9a-f]{13}$/.test(id) ? Number.parseInt(id, 16) : undefined
}

export function rowId(number: number): string {
  return number.toString(16).padStart(14, '0')
}

/** The number after `last`: of this moment, or just one more where the clock has gone back. */
export function nextRowNumber(last: number, now: number): number {
  const ofNow = Math.floor(Math.max(0, now)) * PER_MS + Math.floor(Math.random() * PER_MS)
  return Math.max(last + 1, Math.min(ofNow, LAST - 2 ** 40))
}

/** The smallest number that a report stored at `since` can have. */
export function firstRowNumber(since: number): number {
  return Math.min(LAST, Math.floor(Math.max(0, since)) * PER_MS)
}
