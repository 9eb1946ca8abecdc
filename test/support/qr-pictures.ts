/** QR pictures as a camera sees them, made up the same every time: geometry, light, lens, sensor. */
import QRCode from 'qrcode'

export type Picture = { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray<ArrayBuffer> }

export type Scene = {
  readonly text: string | Uint8Array
  readonly level?: 'L' | 'M' | 'Q' | 'H'
  readonly width?: number
  readonly height?: number
  /** Side of the code as a share of the picture's height; 0.5 by default. */
  readonly size?: number
  readonly centre?: readonly [number, number]
  readonly degrees?: number
  /** How much shorter the far side is than the near one: 0 to 0.6. */
  readonly perspective?: number
  /** Bend of the paper: 0 flat, 1 half a cylinder. */
  readonly curve?: number
  readonly inverted?: boolean
  /** Luma of dark and light modules, 0 to 255. */
  readonly dark?: number
  readonly light?: number
  /** Sigma of the lens blur in pixels. */
  readonly blur?: number
  /** Length of a smear along x in pixels. */
  readonly motion?: number
  /** Standard deviation of the sensor's noise. */
  readonly noise?: number
  /** A bright spot over the code: strength 0 to 1 and more. */
  readonly glare?: number
  /** A shadow's edge across the code: 0 none, 1 black. */
  readonly shadow?: number
  /** Light falling off from left to right: 0 to 1. */
  readonly gradient?: number
  /** Stripes of a screen's grid. */
  readonly moire?: number
  /** Share of the code's area covered with scratches and a spot. */
  readonly damage?: number
  readonly seed?: number
}

/** A scene without a code: texture, light and noise. */
export function blankPicture(seed: number, width = 1280, height = 720): Picture {
  return render({ text: '', width, height, noise: 6, gradient: 0.4, seed })
}

export function render(scene: Scene): Picture {
  const { width = 1280, height = 720, seed = 1 } = scene
  const random = seeded(seed)
  const grain = Float32Array.from({ length: 65_537 }, () => normal(random))
  let luma = paint(scene, width, height, random)
  if (scene.blur) luma = blur(luma, width, height, scene.blur)
  if (scene.motion) luma = boxX(luma, width, height, Math.max(1, scene.motion >> 1))
  const noise = scene.noise ?? 2
  const data = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < luma.length; i++) {
    const value = (luma[i] ?? 0) + noise * (grain[(i + (i >> 16) * 7919) % 65_537] ?? 0)
    data[4 * i] = value
    data[4 * i + 1] = value
    data[4 * i + 2] = value * 0.98
    data[4 * i + 3] = 255
  }
  return { width, height, data }
}

/** The same numbers every time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function paint(scene: Scene, width: number, height: number, random: () => number): Float32Array {
  const { size = 0.5, centre = [0.5, 0.5], degrees = 0, perspective = 0, curve = 0, dark = 30, light = 225 } = scene
  const modules = scene.text.length === 0 ? undefined : matrix(scene)
  const count = modules ? modules.size + 8 : 0
  const side = size * height * (modules ? count / modules.size : 1)
  const angle = (degrees * Math.PI) / 180
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const texture = smoothNoise(random)
  const tableWidth = (width >> 3) + 1
  const table = Float32Array.from({ length: tableWidth * ((height >> 3) + 1) }, (_, index) =>
    texture(((index % tableWidth) * 8) / width, (Math.floor(index / tableWidth) * 8) / height))
  const spot = [random() * 0.5 - 0.25, random() * 0.5 - 0.25] as const
  const scratches = Array.from({ length: Math.round((scene.damage ?? 0) * 60) }, () => [random(), random(), random() * Math.PI] as const)
  const luma = new Float32Array(width * height)
  const moduleAt = (u: number, v: number): number => {
    if (!modules) return light
    const column = Math.floor((u + 0.5) * count) - 4
    const row = Math.floor((v + 0.5) * count) - 4
    const inside = column >= 0 && row >= 0 && column < modules.size && row < modules.size
    const on = inside && modules.data[row * modules.size + column] === 1
    for (const [sx, sy, tilt] of scratches) {
      const [du, dv] = [u + 0.5 - sx, v + 0.5 - sy]
      if (du * du + dv * dv < 0.06 && Math.abs(du * Math.sin(tilt) - dv * Math.cos(tilt)) < 0.004) return 160
    }
    return on !== (scene.inverted === true) ? dark : light
  }
  const bend = curve * 1.8
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const behind = 90 + 70 * (table[(y >> 3) * tableWidth + (x >> 3)] ?? 0)
      let sum = 0
      let samples = 0
      let [u, v] = [0, 0]
      for (let sample = 0; sample < 4; sample++) {
        const px = x + 0.25 + 0.5 * (sample & 1) - centre[0] * width
        const py = y + 0.25 + 0.5 * (sample >> 1) - centre[1] * height
        v = (-sin * px + cos * py) / side
        const depth = 1 + perspective * v
        u = (cos * px + sin * py) / side / depth
        v /= depth
        if (bend) u = Math.asin(Math.max(-1, Math.min(1, u * bend))) / bend
        const onPaper = modules !== undefined && Math.abs(u) < 0.5 && Math.abs(v) < 0.5
        sum += onPaper ? moduleAt(u, v) : behind
        samples++
        if (!onPaper) break
      }
      let value = sum / samples
      if (scene.moire) value *= 1 - scene.moire * 0.5 * (1 + Math.sin(x * 1.9 + y * 0.3) * Math.sin(y * 2.1 - x * 0.2))
      if (scene.gradient) value *= 1 - scene.gradient * (x / width)
      if (scene.shadow) value *= 1 - scene.shadow / (1 + Math.exp((spot[0] * 0.5 - u * 0.8 - v * 0.6) / 0.03))
      if (scene.glare) value += 255 * scene.glare * Math.exp(-((u - spot[0]) ** 2 + (v - spot[1]) ** 2) / 0.03)
      luma[y * width + x] = Math.min(255, value)
    }
  }
  return luma
}

function matrix({ text, level = 'M' }: Scene): { size: number; data: Uint8Array } {
  const segments = typeof text === 'string' ? text : [{ data: text, mode: 'byte' as const }]
  const { modules } = QRCode.create(segments as string, { errorCorrectionLevel: level })
  return { size: modules.size, data: Uint8Array.from(modules.data) }
}

/** A table or coat behind the code: three waves and their like. */
function smoothNoise(random: () => number): (x: number, y: number) => number {
  const waves = Array.from({ length: 12 }, (_, index) => {
    const pitch = 2 + index * index * 0.9
    return [pitch * (random() - 0.5) * 4, pitch * (random() - 0.5) * 4, random() * 6.28, 1 / (1 + index)] as const
  })
  return (x, y) => waves.reduce((sum, [a, b, phase, weight]) => sum + weight * Math.sin(a * x * 6 + b * y * 6 + phase), 0) / 3
}

/** Three box blurs are near enough a Gaussian. */
function blur(luma: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const radius = Math.max(1, Math.round(sigma))
  let result = luma
  for (let pass = 0; pass < 3; pass++) {
    result = transpose(boxX(result, width, height, radius), width, height)
    result = transpose(boxX(result, height, width, radius), height, width)
  }
  // Between whole radii: mix with the sharper picture.
  const share = Math.min(1, sigma / radius)
  return share === 1 ? result : result.map((value, index) => share * value + (1 - share) * (luma[index] ?? 0))
}

function boxX(luma: Float32Array, width: number, height: number, radius: number): Float32Array {
  const out = new Float32Array(luma.length)
  for (let y = 0; y < height; y++) {
    const row = y * width
    const at = (x: number) => luma[row + Math.max(0, Math.min(width - 1, x))] ?? 0
    let sum = 0
    for (let x = -radius; x <= radius; x++) sum += at(x)
    for (let x = 0; x < width; x++) {
      out[row + x] = sum / (2 * radius + 1)
      sum += at(x + radius + 1) - at(x - radius)
    }
  }
  return out
}

function transpose(luma: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(luma.length)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out[x * height + y] = luma[y * width + x] ?? 0
  return out
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
