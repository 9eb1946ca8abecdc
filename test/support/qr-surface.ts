/** The flat thing before the camera: a phone's screen, a sheet of paper or a monitor, with a QR code and what stands around it. */
import QRCode from 'qrcode'
import { seeded } from './qr-pictures.ts'

export type ModuleShape = 'square' | 'rounded' | 'dots'

export type SurfaceSpec = {
  readonly text: string | Uint8Array
  readonly level: 'L' | 'M' | 'Q' | 'H'
  /** The smallest that holds the text by default. */
  readonly version?: number | undefined
  readonly kind: 'phone' | 'paper' | 'monitor'
  readonly shape: ModuleShape
  /** Modules around the code that are kept free. */
  readonly quiet: number
  /** Reflectance or emission of dark and light modules, 0 to 1. */
  readonly dark: number
  readonly light: number
  readonly inverted: boolean
  /** Side of a picture in the middle as a share of the code's. */
  readonly logo: number
  /** 0 none to 1: scratches, dirt, worn ink, a torn corner. */
  readonly damage: number
  /** How far ink runs over a module's edge, in modules; negative: thin print. */
  readonly spread: number
  readonly seed: number
}

/** Grey values row by row, 0 to 1; the code's side is `side` texels and its middle at `middle`. */
export type Surface = {
  readonly width: number
  readonly height: number
  readonly data: Float32Array
  readonly side: number
  readonly middle: readonly [number, number]
}

export function makeSurface(spec: SurfaceSpec): Surface {
  const random = seeded(spec.seed)
  const { size, on } = matrixOf(spec)
  const texels = size > 45 ? 6 : 8
  const side = size * texels
  const margin = Math.round(spec.quiet * texels)
  const card = side + 2 * margin
  const phone = spec.kind === 'phone'
  const width = Math.round(card * (phone ? 1.08 + random() * 0.2 : 1.1 + random() * 0.8))
  const height = Math.round(width * (phone ? 1.7 + random() * 0.4 : 0.9 + random() * 0.7))
  const [left, top] = [(width - card) >> 1, Math.round((height - card) * (0.3 + random() * 0.3))]
  const light = spec.inverted ? spec.dark : spec.light
  const dark = spec.inverted ? spec.light : spec.dark
  const data = new Float32Array(width * height)
  const put = (x: number, y: number, w: number, h: number, value: number) => fill(data, width, height, x, y, w, h, value)

  const page = phone ? light * (0.55 + 0.45 * random()) : light
  data.fill(page)
  writing(put, random, width, height, page, top, top + card, phone)
  put(left, top, card, card, light)
  drawCode(data, width, left + margin, top + margin, texels, size, on, dark, light, spec)
  if (spec.logo > 0) {
    const logo = Math.round(side * spec.logo)
    const at = (card - logo) >> 1
    put(left + at, top + at, logo, logo, light)
    const inset = Math.round(logo * 0.12)
    put(left + at + inset, top + at + inset, logo - 2 * inset, logo - 2 * inset, dark + (light - dark) * random() * 0.7)
    put(left + at + 3 * inset, top + at + 2 * inset, 2 * inset, 3 * inset, light)
  }
  if (phone) bezel(put, width, height)
  if (spec.damage > 0) damage(data, width, height, left + margin, top + margin, side, spec.damage, light, random)
  return { width, height, data, side, middle: [left + card / 2, top + card / 2] }
}

function matrixOf({ text, level, version }: SurfaceSpec): { size: number; on: (row: number, column: number) => boolean } {
  const segments = typeof text === 'string' ? text : [{ data: text, mode: 'byte' as const }]
  const { modules } = QRCode.create(segments as string, { errorCorrectionLevel: level, ...(version ? { version } : {}) })
  const { size, data } = modules
  return {
    size,
    on: (row, column) => row >= 0 && column >= 0 && row < size && column < size && data[row * size + column] === 1,
  }
}

function drawCode(
  data: Float32Array, width: number, left: number, top: number, texels: number, size: number,
  on: (row: number, column: number) => boolean, dark: number, light: number, { shape, spread }: SurfaceSpec,
): void {
  const finder = (row: number, column: number) => (row < 8 && (column < 8 || column >= size - 8)) || (row >= size - 8 && column < 8)
  const reach = 0.5 + spread
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!on(row, column)) continue
      const plain = shape === 'square' || finder(row, column)
      const round = shape === 'dots' ? 0.44 : 0.5
      for (let y = -1; y <= texels; y++) {
        for (let x = -1; x <= texels; x++) {
          const dx = (x + 0.5) / texels - 0.5
          const dy = (y + 0.5) / texels - 0.5
          const inside = plain
            ? within(dx, reach, on(row, column - 1), on(row, column + 1)) && within(dy, reach, on(row - 1, column), on(row + 1, column))
            : Math.hypot(dx, dy) <= round + spread ||
              (shape === 'rounded' && joined(dx, dy, (r, c) => on(row + r, column + c)))
          const at = (top + row * texels + y) * width + left + column * texels + x
          if (inside && at >= 0 && at < data.length) data[at] = Math.abs(dark - light) > 0 ? dark : light
        }
      }
    }
  }
}

/** Ink runs (or falls short) only where the neighbour is light. */
function within(offset: number, reach: number, before: boolean, after: boolean): boolean {
  return offset >= (before ? -0.5 : -reach) && offset <= (after ? 0.5 : reach)
}

/** A rounded module fills its square towards dark neighbours. */
function joined(dx: number, dy: number, on: (row: number, column: number) => boolean): boolean {
  if (Math.abs(dx) > 0.5 || Math.abs(dy) > 0.5) return false
  return (dx < 0 && on(0, -1)) || (dx > 0 && on(0, 1)) || (dy < 0 && on(-1, 0)) || (dy > 0 && on(1, 0))
}

type Put = (x: number, y: number, width: number, height: number, value: number) => void

/** Lines of writing and buttons above and below the code: what a finder could take for one. */
function writing(put: Put, random: () => number, width: number, height: number, page: number, top: number, bottom: number, phone: boolean): void {
  const ink = page > 0.5 ? page * (0.1 + random() * 0.4) : page + 0.4
  const pitch = Math.max(10, Math.round(width / (14 + random() * 12)))
  if (phone) put(0, 0, width, Math.round(height * 0.1), random() * 0.8)
  for (let y = Math.round(height * 0.12); y < height - pitch * 2; y += Math.round(pitch * 1.7)) {
    if (y + pitch > top && y < bottom) continue
    if (random() < 0.2) put(pitch, y, width - 2 * pitch, pitch, ink + (page - ink) * random())
    else if (random() < 0.7) {
      const end = width * (0.3 + random() * 0.6)
      for (let x = pitch; x < end; x += pitch) {
        // Strokes of a character.
        for (let stroke = 0; stroke < 5; stroke++) {
          const thick = Math.max(1, pitch >> 3)
          if (random() < 0.5) put(x, y + Math.round(random() * pitch * 0.8), Math.round(pitch * 0.8), thick, ink)
          else put(x + Math.round(random() * pitch * 0.7), y, thick, Math.round(pitch * 0.9), ink)
        }
      }
    }
  }
}

function bezel(put: Put, width: number, height: number): void {
  const edge = Math.max(3, Math.round(width * 0.025))
  put(0, 0, width, edge, 0.02)
  put(0, height - edge, width, edge, 0.02)
  put(0, 0, edge, height, 0.02)
  put(width - edge, 0, edge, height, 0.02)
}

function damage(
  data: Float32Array, width: number, height: number, left: number, top: number, side: number, amount: number, light: number, random: () => number,
): void {
  const dab = (cx: number, cy: number, radius: number, value: number, share: number) => {
    for (let y = Math.max(0, Math.floor(cy - radius)); y <= Math.min(height - 1, cy + radius); y++) {
      for (let x = Math.max(0, Math.floor(cx - radius)); x <= Math.min(width - 1, cx + radius); x++) {
        if ((x - cx) ** 2 + (y - cy) ** 2 > radius * radius) continue
        const at = y * width + x
        data[at] = (data[at] ?? 0) * (1 - share) + value * share
      }
    }
  }
  const kind = random()
  const place = () => [left + random() * side, top + random() * side] as const
  if (kind < 0.4) {
    for (let i = 0; i < 2 + amount * 14; i++) {
      const [x, y] = place()
      const angle = random() * Math.PI
      const length = side * (0.1 + random() * 0.5)
      const thick = side * (0.003 + random() * 0.012)
      const value = random() < 0.7 ? light * 0.95 : 0.1
      for (let t = 0; t < length; t += thick) dab(x + t * Math.cos(angle), y + t * Math.sin(angle), thick, value, 0.9)
    }
  } else if (kind < 0.7) {
    for (let i = 0; i < 1 + amount * 3; i++) dab(...place(), side * (0.02 + 0.1 * amount * random()), random() < 0.5 ? 0.12 : light * 0.9, 0.85)
  } else if (kind < 0.85) {
    // Worn ink: bands where the printer's head gave little.
    for (let i = 0; i < 1 + amount * 6; i++) {
      const y0 = Math.round(top + random() * side)
      const thick = Math.round(side * (0.006 + 0.02 * random()))
      for (let y = y0; y < Math.min(height, y0 + thick); y++) {
        for (let x = left; x < left + side; x++) data[y * width + x] = (data[y * width + x] ?? 0) * 0.15 + light * 0.85
      }
    }
  } else {
    // A corner folded or torn away, now and then one with a finder.
    const [cx, cy] = [left + side * (random() < 0.6 ? 1 : 0), top + side * (random() < 0.8 ? 1 : 0)]
    const reach = side * (0.08 + 0.2 * amount)
    for (let y = Math.max(0, Math.floor(cy - reach)); y < Math.min(height, cy + reach); y++) {
      for (let x = Math.max(0, Math.floor(cx - reach)); x < Math.min(width, cx + reach); x++) {
        if (Math.abs(x - cx) + Math.abs(y - cy) < reach) data[y * width + x] = 0.45
      }
    }
  }
}

function fill(data: Float32Array, width: number, height: number, x: number, y: number, w: number, h: number, value: number): void {
  for (let row = Math.max(0, y); row < Math.min(height, y + h); row++) data.fill(value, row * width + Math.max(0, x), row * width + Math.min(width, x + w))
}
