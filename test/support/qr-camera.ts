/** A simulated camera: pose, light, lens, sensor and file, one after the other as in a real one. */
import { compress, defocus, lowLightFilter, overshoot, smear } from './qr-optics.ts'
import { seeded, type Picture } from './qr-pictures.ts'
import type { Surface } from './qr-surface.ts'

/** Where a surface is held; lengths in pixels of the picture, angles in degrees. */
export type Pose = {
  readonly surface: Surface
  readonly centre: readonly [number, number]
  /** Side of the code in the picture, seen straight on. */
  readonly side: number
  readonly roll: number
  readonly tilt: number
  readonly turn: number
  /** Bend around an upright axis (1: half a cylinder over the code's width), and creases. */
  readonly bend: number
  readonly crumple: number
}

export type Shot = {
  readonly width: number
  readonly height: number
  readonly poses: readonly Pose[]
  /** Luma of a white sheet, 0 to 1 and above where it burns out. */
  readonly exposure: number
  /** Share of stray light that lifts black. */
  readonly veil: number
  readonly gradient: number
  readonly shadow: number
  readonly shadowSoftness: number
  readonly glare: number
  readonly band: number
  readonly reflection: number
  readonly vignette: number
  /** Contrast of a display's grid, and its cells over the code's side. */
  readonly grid: number
  readonly gridCells: number
  /** Dark bands of a display that flickers. */
  readonly flicker: number
  /** Radius of the circle of confusion, and length of the smear, in pixels. */
  readonly defocus: number
  readonly motion: number
  readonly motionAngle: number
  /** Noise of a white pixel, and the floor, of 255. */
  readonly shotNoise: number
  readonly readNoise: number
  readonly denoise: number
  readonly sharpening: number
  /** JPEG quality, 100: none. */
  readonly quality: number
  readonly seed: number
}

const FOCAL = 1100

export function photograph(shot: Shot): Picture {
  const { width, height } = shot
  const random = seeded(shot.seed)
  let luma = lit(shot, random)
  if (shot.defocus > 0.3) luma = defocus(luma, width, height, shot.defocus)
  if (shot.motion > 1) luma = smear(luma, width, height, shot.motion, shot.motionAngle)
  expose(luma, shot, random)
  if (shot.denoise > 0) lowLightFilter(luma, width, height, shot.denoise)
  if (shot.sharpening > 0) overshoot(luma, width, height, shot.sharpening)
  if (shot.quality < 100) compress(luma, width, height, shot.quality)
  const data = new Uint8ClampedArray(width * height * 4)
  const [red, blue] = [0.94 + random() * 0.1, 0.9 + random() * 0.15]
  for (let i = 0, p = 0; i < luma.length; i++, p += 4) {
    const value = luma[i]!
    data[p] = value * red
    data[p + 1] = value
    data[p + 2] = value * blue
    data[p + 3] = 255
  }
  return { width, height, data }
}

/** The scene's light before the lens. */
function lit(shot: Shot, random: () => number): Float32Array {
  const { width, height } = shot
  const luma = room(width, height, random)
  for (const pose of shot.poses) place(luma, shot, pose, random)
  const shade = shadowOf(shot, random)
  const falling = random() * 2 * Math.PI
  const [gx, gy] = [Math.cos(falling) / width, Math.sin(falling) / height]
  const blobs = Array.from({ length: shot.glare > 0 ? 1 + Math.floor(random() * 2) : 0 }, () => ({
    x: width / 2 + (random() - 0.5) * height * 0.5, y: height / 2 + (random() - 0.5) * height * 0.5,
    size: height * (0.05 + random() * 0.12), stretch: 1 + random() * 2, strength: shot.glare * (0.6 + random() * 0.6),
  }))
  const bandAngle = random() * Math.PI
  const [bx, by, bandAt] = [Math.cos(bandAngle), Math.sin(bandAngle), (random() - 0.5) * height * 0.4]
  const bandWidth = height * (0.02 + random() * 0.06)
  const window = { x: width / 2 + (random() - 0.6) * height, y: height / 2 + (random() - 0.6) * height, w: height * (0.2 + random() * 0.5), h: height * (0.2 + random() * 0.5) }
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [cx, cy] = [x - width / 2, y - height / 2]
      let light = 1 - shot.gradient * Math.max(0, Math.min(1, 0.5 + cx * gx + cy * gy))
      light *= 1 - (shot.vignette * (cx * cx + cy * cy)) / (width * width * 0.34)
      if (shade) light *= shade(x, y)
      let value = luma[i]! * light
      for (const blob of blobs) {
        const distance = ((x - blob.x) ** 2 + ((y - blob.y) * blob.stretch) ** 2) / blob.size ** 2
        if (distance < 9) value += blob.strength * (distance < 0.4 ? 1 : Math.exp(0.4 - distance))
      }
      if (shot.band > 0) {
        const off = (cx * bx + cy * by - bandAt) / bandWidth
        if (Math.abs(off) < 3) value += shot.band * Math.exp(-off * off)
      }
      if (shot.reflection > 0) {
        const [rx, ry] = [x - window.x, y - window.y]
        if (rx > 0 && ry > 0 && rx < window.w && ry < window.h && Math.abs(rx - window.w / 2) > 6 && Math.abs(ry - window.h / 2) > 6) value += shot.reflection
      }
      luma[i] = value
    }
  }
  return luma
}

/** A desk, a coat, a wall: waves, and things with edges. */
function room(width: number, height: number, random: () => number): Float32Array {
  const luma = new Float32Array(width * height)
  const base = 0.15 + random() * 0.5
  const waves = Array.from({ length: 6 }, (_, k) => [(random() - 0.5) * 0.02 * (k + 1), (random() - 0.5) * 0.02 * (k + 1), random() * 6.28, 0.12 / (k + 1)] as const)
  const rows = new Float32Array(waves.length)
  for (let y = 0, i = 0; y < height; y++) {
    waves.forEach(([, b, phase], k) => (rows[k] = b * y + phase))
    for (let x = 0; x < width; x++, i++) {
      let value = base
      for (let k = 0; k < waves.length; k++) value += waves[k]![3] * Math.sin(waves[k]![0] * x + rows[k]!)
      luma[i] = value
    }
  }
  for (let thing = 0; thing < 3 + random() * 12; thing++) {
    const [x0, y0, w, h] = [random() * width, random() * height, 20 + random() * 300, 10 + random() * 200].map(Math.round) as [number, number, number, number]
    const value = random() * 0.9
    const stripes = random() < 0.4 ? 4 + Math.floor(random() * 14) : 0
    for (let y = y0; y < Math.min(height, y0 + h); y++) {
      for (let x = x0; x < Math.min(width, x0 + w); x++) luma[y * width + x] = stripes && (x - x0) % stripes < stripes / 2 ? 1 - value : value
    }
  }
  return luma
}

function place(luma: Float32Array, shot: Shot, pose: Pose, random: () => number): void {
  const { width, height } = shot
  const { surface } = pose
  const { data, side } = surface
  const inverse = throughPose(pose)
  const scale = side / pose.side
  const samples = scale > 0.6 ? 4 : 1
  const waves = Array.from({ length: 4 }, () => [(random() - 0.5) * 14, (random() - 0.5) * 14, random() * 6.28] as const)
  const gridPhase = random()
  const flickerPitch = height / (1 + random() * 5)
  const bend = pose.bend * 1.6
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [sum, hits, u, v] = [0, 0, 0, 0]
      let shading = 1
      for (let sample = 0; sample < samples; sample++) {
        const px = x + (samples === 1 ? 0.5 : 0.25 + 0.5 * (sample & 1)) - pose.centre[0]
        const py = y + (samples === 1 ? 0.5 : 0.25 + 0.5 * (sample >> 1)) - pose.centre[1]
        const depth = inverse[6]! * px + inverse[7]! * py + inverse[8]!
        u = (inverse[0]! * px + inverse[1]! * py + inverse[2]!) / depth
        v = (inverse[3]! * px + inverse[4]! * py + inverse[5]!) / depth
        if (depth <= 0 || Math.abs(u) > 3 || Math.abs(v) > 4) break
        if (bend) {
          const across = u * bend
          if (Math.abs(across) >= 1) break
          u = Math.asin(across) / bend
          // The middle stands nearer to the lens.
          v *= 1 - 0.12 * pose.bend * (Math.sqrt(1 - across * across) - 0.8)
          shading = 0.6 + 0.4 * Math.sqrt(1 - across * across)
        }
        if (pose.crumple) {
          for (const [a, b, phase] of waves) {
            const slope = Math.cos(a * u + b * v + phase)
            u += pose.crumple * 0.006 * slope
            v += pose.crumple * 0.006 * Math.sin(b * u - a * v + phase)
            shading *= 1 - pose.crumple * 0.1 * (0.5 + 0.5 * slope)
          }
        }
        const tx = surface.middle[0] + u * side - 0.5
        const ty = surface.middle[1] + v * side - 0.5
        if (tx < 0 || ty < 0 || tx >= surface.width - 1 || ty >= surface.height - 1) break
        const [ix, iy] = [Math.floor(tx), Math.floor(ty)]
        const [fx, fy] = [tx - ix, ty - iy]
        const at = iy * surface.width + ix
        sum += (data[at]! * (1 - fx) + data[at + 1]! * fx) * (1 - fy) + (data[at + surface.width]! * (1 - fx) + data[at + surface.width + 1]! * fx) * fy
        hits++
      }
      if (hits === 0) continue
      let value = (sum / hits) * shading
      // Seen at the pixel's middle only, as a sensor's cells see a display's: this is what makes the stripes.
      if (shot.grid > 0) {
        const across = 0.5 + 0.5 * Math.cos(6.2832 * (u * shot.gridCells + gridPhase))
        const down = 0.5 + 0.5 * Math.cos(6.2832 * v * shot.gridCells)
        value *= 1 - shot.grid * (0.65 * across + 0.35 * down)
      }
      if (shot.flicker > 0) value *= 1 - shot.flicker * (0.5 + 0.5 * Math.sin((6.2832 * y) / flickerPitch))
      const at = y * width + x
      luma[at] = hits === samples ? value : (luma[at]! * (samples - hits) + value * hits) / samples
    }
  }
}

/** From the picture, relative to the pose's centre, to the surface in sides of the code. */
function throughPose({ side, roll, tilt, turn }: Pose): Float64Array {
  const [a, b, c] = [roll, tilt, turn].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number]
  const depth = FOCAL / side
  // The plane's two axes after turn (around y), tilt (around x), roll (around the line of sight).
  const xAxis = [Math.cos(c), Math.sin(b) * Math.sin(c), -Math.cos(b) * Math.sin(c)] as const
  const yAxis = [0, Math.cos(b), Math.sin(b)] as const
  const spin = ([x, y, z]: readonly [number, number, number]) => [Math.cos(a) * x - Math.sin(a) * y, Math.sin(a) * x + Math.cos(a) * y, z] as const
  const [p, q] = [spin(xAxis), spin(yAxis)]
  return inverted([FOCAL * p[0], FOCAL * q[0], 0, FOCAL * p[1], FOCAL * q[1], 0, p[2], q[2], depth])
}

function inverted(m: readonly number[]): Float64Array {
  const [a, b, c, d, e, f, g, h, i] = m as [number, number, number, number, number, number, number, number, number]
  const adjoint = [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f, d * h - e * g, b * g - a * h, a * e - b * d]
  const determinant = a * adjoint[0]! + b * adjoint[3]! + c * adjoint[6]!
  return Float64Array.from(adjoint, (value) => value / determinant)
}

/** A hand or an arm between the lamp and the code. */
function shadowOf({ shadow, shadowSoftness, width, height }: Shot, random: () => number): ((x: number, y: number) => number) | undefined {
  if (shadow <= 0) return undefined
  const edges = Array.from({ length: 1 + Math.floor(random() * 2) }, () => {
    const angle = random() * 6.28
    return [Math.cos(angle), Math.sin(angle), (random() - 0.5) * height * 0.35] as const
  })
  const soft = Math.max(1, shadowSoftness * height * 0.1)
  return (x, y) => {
    let lit = 1
    for (const [a, b, c] of edges) lit *= 1 - shadow / (1 + Math.exp(-((x - width / 2) * a + (y - height / 2) * b - c) / soft))
    return lit
  }
}

/** The sensor: stray light, noise, and the camera's curve. */
function expose(luma: Float32Array, { exposure, veil, shotNoise, readNoise }: Shot, random: () => number): void {
  const grain = Float32Array.from({ length: 65_536 }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(6.2832 * random()))
  const noisy = shotNoise > 0 || readNoise > 0
  for (let i = 0; i < luma.length; i++) {
    const light = Math.min(1.02, (luma[i]! * (1 - veil) + veil * 0.6) * exposure)
    let value = 255 * light
    if (noisy) value += Math.sqrt(shotNoise * shotNoise * Math.max(0, light) + readNoise * readNoise) * grain[(i + (i >> 16) * 40_503 + ((i >> 9) ^ (i >> 13)) * 17) & 65_535]!
    luma[i] = value < 0 ? 0 : value > 255 ? 255 : value
  }
}
