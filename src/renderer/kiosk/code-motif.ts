/** Squares that look like a QR code and are none: chance in rows of 21, so that no scanner takes them for one. */
const SIZE = 21

function isOn(x: number, y: number): boolean {
  const corner = (x < 8 && y < 8) || (x > 12 && y < 8) || (x < 8 && y > 12)
  if (corner) return false
  let mixed = Math.imul(x * 31 + y * 17 + 5, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return ((mixed ^ (mixed >>> 16)) & 15) < 7
}

/** A path on a square of 21 units, the three corner squares left for `CORNERS`. */
export const MOTIF = Array.from({ length: SIZE * SIZE }, (_, index) => {
  const [x, y] = [index % SIZE, Math.floor(index / SIZE)]
  return isOn(x, y) ? `M${x} ${y}h1v1h-1z` : ''
}).join('')

/** Rounded where a real one is square. */
export const CORNERS = [
  [0.5, 0.5],
  [14.5, 0.5],
  [0.5, 14.5],
] as const
