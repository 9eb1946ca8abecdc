/** Inputs from a seed: the same seed gives the same input on every machine. */

export type Random = {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number
  pick<T>(list: readonly T[]): T
  chance(probability: number): boolean
  bytes(most: number): Uint8Array
  /** Text of all kinds: digits, Latin, Chinese, marks, halves of characters, long repetitions. */
  text(most?: number): string
  /** A text made out of another: cut, doubled, swapped, sprinkled. */
  mutated(text: string): string
  json(depth?: number): unknown
  /** A value made out of another: members changed, dropped, added, of other kinds. */
  mutatedJson(value: unknown): unknown
}

const ALPHABETS = [
  '0123456789',
  '0123456789ABCDEF',
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  ' \t\r\n\u0000\u0002\u0003\u001d\u001e\u0004\u200b\u202e\ufeff',
  '{}[]"\\:,%&?=#/+-_.@;<>()|*^$\'`~!',
  '林安和医保电子凭证健康卡（）《》“”',
  '０１２３ＡＢＣ：／？',
  '😀𠮷\ud800\udc00é',
] as const
const ODD = ['', '__proto__', 'constructor', 'null', '0', '-1', '1e999', 'NaN', 'true', '[]', '{}', '2024-02-30', '99999999999999999999', '\ud800', 'https://x/?code=', ']Q1'] as const
const NUMBERS = [0, -0, 1, -1, 0.1, 1e21, -1e-7, 2 ** 31, 2 ** 53, 1.7976931348623157e308] as const

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  const pick = <T>(list: readonly T[]) => list[below(list.length)] as T
  const chance = (probability: number) => next() < probability

  const self: Random = {
    below,
    pick,
    chance,
    bytes: (most) => Uint8Array.from({ length: below(most + 1) }, () => (chance(0.2) ? pick([0, 2, 3, 10, 13, 0x80, 0xff]) : below(256))),
    text(most = 200) {
      if (chance(0.15)) return pick(ODD)
      if (chance(0.1)) return self.text(8).repeat(below(Math.max(1, most >> 2)) + 1).slice(0, most)
      let text = ''
      for (let length = below(most + 1); text.length < length; ) {
        const alphabet = pick(ALPHABETS)
        for (let run = below(30) + 1; run > 0 && text.length < length; run--) text += alphabet[below(alphabet.length)]
      }
      return text
    },
    mutated(text) {
      for (let times = below(4) + 1; times > 0; times--) {
        const at = below(text.length + 1)
        const to = at + below(text.length - at + 1)
        const kind = below(7)
        if (kind === 0) text = text.slice(0, at) + text.slice(to)
        else if (kind === 1) text = text.slice(0, at) + self.text(10) + text.slice(at)
        else if (kind === 2) text = text.slice(0, to) + text.slice(at)
        else if (kind === 3) text = text.slice(at) + text.slice(0, at)
        else if (kind === 4) text = text.slice(0, at) + String.fromCharCode(below(0x10000)) + text.slice(at + 1)
        else if (kind === 5) text = chance(0.5) ? text.toLowerCase() : text.toUpperCase()
        else text = text.slice(0, at) + text.slice(at, to).repeat(below(20)) + text.slice(to)
        if (text.length > 5000) text = text.slice(0, 5000)
      }
      return text
    },
    json(depth = 3) {
      switch (below(depth > 0 ? 8 : 5)) {
        case 0:
          return null
        case 1:
          return chance(0.5)
        case 2:
          return chance(0.5) ? pick(NUMBERS) : below(1000)
        case 3:
        case 4:
          return self.text(chance(0.05) ? 3000 : 40)
        case 5:
          return Array.from({ length: below(5) }, () => self.json(depth - 1))
        default:
          return Object.fromEntries(Array.from({ length: below(6) }, () => [self.text(12), self.json(depth - 1)]))
      }
    },
    mutatedJson(value) {
      if (chance(0.08)) return self.json()
      if (typeof value === 'string') return chance(0.15) ? self.mutated(value) : value
      if (Array.isArray(value)) {
        const items = value.map((item) => self.mutatedJson(item))
        return chance(0.1) ? [...items, ...items] : chance(0.05) ? [] : items
      }
      if (value === null || typeof value !== 'object') return value
      const members = Object.entries(value).flatMap(([name, item]): [string, unknown][] =>
        chance(0.06) ? [] : [[chance(0.03) ? self.mutated(name) : name, self.mutatedJson(item)]],
      )
      return Object.fromEntries(chance(0.1) ? [...members, [self.text(10), self.json(2)]] : members)
    },
  }
  return self
}
