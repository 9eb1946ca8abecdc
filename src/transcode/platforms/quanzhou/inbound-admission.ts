/** Who may ask at the listener how often: a stranger's guesses must cost the terminal next to nothing. */

/** Requests a minute of one address, whatever they are; those of one and of all strangers together that prove nothing. */
const MOST = 600
const MOST_UNPROVEN = 30
const MOST_UNPROVEN_OF_ALL = 300
/** Addresses remembered in a minute; beyond them strangers wait for the next. */
const MOST_ADDRESSES = 4096
/** Unproven requests a minute that the log tells of. */
const MOST_TOLD = 10
const MINUTE_MS = 60_000

export type InboundAdmission = {
  /** Counts a request; false where it must not be read. */
  admits(address: string): boolean
  /** Its signature did not hold; true where that is worth a line in the log. */
  unproven(address: string): boolean
  /** Its signature held: from now on the address is not shut out by what strangers do. */
  proven(address: string): void
}

/** @param now ms since 1970 */
export function createInboundAdmission(now: () => number): InboundAdmission {
  const known = new Set<string>()
  const asked = new Map<string, number>()
  const failed = new Map<string, number>()
  let minute = 0
  let strange = 0
  let told = 0

  function turn(): void {
    const present = Math.floor(now() / MINUTE_MS)
    if (present === minute) return
    minute = present
    asked.clear()
    failed.clear()
    strange = told = 0
  }

  return {
    admits(address) {
      turn()
      const network = networkOf(address)
      const count = (asked.get(network) ?? 0) + 1
      if (count > MOST || (failed.get(network) ?? 0) >= MOST_UNPROVEN) return false
      if (!known.has(network) && (strange >= MOST_UNPROVEN_OF_ALL || (count === 1 && asked.size >= MOST_ADDRESSES))) return false
      asked.set(network, count)
      return true
    },
    unproven(address) {
      turn()
      const network = networkOf(address)
      failed.set(network, (failed.get(network) ?? 0) + 1)
      if (!known.has(network)) strange += 1
      told += 1
      return told <= MOST_TOLD
    },
    proven(address) {
      if (known.size >= MOST_ADDRESSES) known.clear()
      known.add(networkOf(address))
    },
  }
}

/** A machine has one IPv4 address, and of IPv6 a /64 with more than could be counted. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail = ''] = plain.split('%')[0]!.split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail.split(':').filter(Boolean)
  const groups = plain.includes('::') ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right] : left
  return groups.slice(0, 4).join(':')
}
