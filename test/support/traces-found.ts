/** What tests found of people and tokens in what a terminal left or printed; `watch-traces.ts` asks for it at the end of each file. */
import { isIdentityNumber, PEOPLE } from '../../src/simulator/people.ts'

/** Fewer would be found by chance. */
const LEAST_BYTES = 6
const MOST_BYTES = 16 * 1024 * 1024
const MOST_WANTED = 400

/** What must not be found -> what it is. */
const wanted = new Map<string, string>()
const traces = new Set<string>()

for (const person of PEOPLE) for (const field of ['name', 'idNumber', 'phone'] as const) want(person[field], `${person.key}'s ${field}`)

/** From now on a text is somebody's. */
export function want(text: unknown, what: string): void {
  if (typeof text === 'string' && Buffer.byteLength(text) >= LEAST_BYTES && wanted.size < MOST_WANTED) wanted.set(text, what)
}

/** Searches what was written or printed. */
export function lookThrough(place: string, given: Buffer | string): void {
  const whole = Buffer.from(given as string)
  const bytes = whole.subarray(0, Math.min(endOf(whole), MOST_BYTES))
  for (const [text, what] of wanted) if (writingsOf(text).some((writing) => bytes.includes(writing))) traces.add(`${place}: ${what}`)
  for (const [number] of bytes.toString('latin1').matchAll(/(?<!\d)[1-9]\d{5}(19|20)\d{9}[\dX](?!\d)/g)) {
    if (isIdentityNumber(number)) traces.add(`${place}: an identity number`)
  }
}

/** What was found so far; forgotten then. */
export function takeTraces(): string[] {
  const found = [...traces]
  traces.clear()
  return found
}

/** The outbox reserves megabytes of zeros. */
function endOf(bytes: Buffer): number {
  const zeros = Buffer.alloc(4096)
  let end = bytes.length
  while (end >= zeros.length && bytes.compare(zeros, 0, zeros.length, end - zeros.length, end) === 0) end -= zeros.length
  return end
}

function writingsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  const base64 = [0, 1, 2].map((offset) => {
    const written = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replace(/=+$/, '')
    return Buffer.from(written.slice(offset === 0 ? 0 : offset + 1, -1))
  })
  return [bytes, Buffer.from(text, 'utf16le'), ...base64.filter((writing) => writing.length >= 8)]
}
