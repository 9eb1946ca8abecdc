/**
 * Simulated photographs of patients' codes, the same every time: the decoder is
 * tuned on one half of the seeds, and its figures come from the other.
 */
import iconv from 'iconv-lite'
import { photograph, type Pose, type Shot } from './qr-camera.ts'
import { seeded, type Picture } from './qr-pictures.ts'
import { makeSurface, type SurfaceSpec } from './qr-surface.ts'

/** Looked at only for the figures in the documentation. */
export const HELD_OUT_SEED = 900_000
export const TUNING_SEED = 100_000

export type Photograph = { readonly name: string; readonly texts: readonly string[]; readonly picture: Picture }

type Random = () => number
type Look = {
  surface?: Partial<SurfaceSpec>
  pose?: Partial<Omit<Pose, 'surface'>>
  shot?: Partial<Shot>
  text?: string | { readonly encoding: 'utf8' | 'gbk' }
  several?: boolean
}

/** What spoils each picture most; every picture has a little of the rest besides. */
export const TROUBLES: Record<string, (random: Random) => Look> = {
  plain: () => ({}),
  perspective: (r) => ({ pose: { tilt: sign(r) * (25 + r() * 40), turn: sign(r) * (15 + r() * 40), roll: r() * 360, side: 220 + r() * 180 } }),
  rotation: (r) => ({ pose: { roll: r() * 360, side: 120 + r() * 260 } }),
  defocus: (r) => ({ pose: { side: 180 + r() * 300 }, shot: { defocus: 2 + r() * 5 } }),
  motion: (r) => ({ pose: { side: 200 + r() * 300 }, shot: { motion: 4 + r() * 16 } }),
  'low light': (r) => ({ shot: { exposure: 0.06 + r() * 0.25, shotNoise: 6 + r() * 16, readNoise: 3 + r() * 10, denoise: r() * 1.5, quality: 50 + r() * 40 } }),
  noise: (r) => ({ shot: { shotNoise: 10 + r() * 40, readNoise: 8 + r() * 20, quality: 60 + r() * 40 } }),
  'low contrast': (r) => ({ surface: { dark: 0.4 + r() * 0.25, light: 0.7 + r() * 0.15 }, shot: { veil: r() * 0.4 } }),
  overexposed: (r) => ({ shot: { exposure: 1.5 + r() * 2.2, veil: 0.1 + r() * 0.35, defocus: 0.5 + r() * 1.5 } }),
  glare: (r) => ({ shot: { glare: 0.5 + r() * 1.1 } }),
  'light band': (r) => ({ shot: { band: 0.4 + r() * 0.9, glare: r() < 0.3 ? 0.5 : 0 } }),
  reflection: (r) => ({ surface: { kind: 'phone' }, shot: { reflection: 0.15 + r() * 0.55, veil: r() * 0.2 } }),
  shadow: (r) => ({ surface: { kind: 'paper' }, shot: { shadow: 0.5 + r() * 0.42, shadowSoftness: r() * r() * 2, gradient: r() * 0.4 } }),
  gradient: (r) => ({ shot: { gradient: 0.6 + r() * 0.37, vignette: r() * 0.5 } }),
  moiré: (r) => {
    const side = 180 + r() * 330
    return {
      surface: { kind: r() < 0.6 ? 'phone' : 'monitor' },
      pose: { side, roll: (r() - 0.5) * 30 },
      shot: { grid: 0.3 + r() * 0.65, gridCells: side * (r() < 0.3 ? 0.25 + r() * 0.2 : 0.7 + r() * 0.5), flicker: r() < 0.4 ? r() * 0.5 : 0, defocus: r() * 1.2 },
    }
  },
  inverted: (r) => ({ surface: { inverted: true, kind: 'phone' }, pose: { side: 140 + r() * 260 } }),
  damage: (r) => ({ surface: { kind: 'paper', damage: 0.4 + r() * 0.7 } }),
  small: (r) => ({ pose: { side: 60 + r() * 70, roll: (r() - 0.5) * 60, centre: [320 + r() * 640, 200 + r() * 320] }, shot: { defocus: r() * 0.9 } }),
  close: (r) => ({ surface: { quiet: r() * 2 }, pose: { side: 560 + r() * 140, roll: (r() - 0.5) * 16 }, shot: { defocus: r() * 4 } }),
  several: (r) => ({ several: true, pose: { side: 120 + r() * 120 } }),
  bent: (r) => ({ surface: { kind: 'paper' }, pose: { bend: 0.5 + r() * 0.45, roll: (r() - 0.5) * 50, tilt: (r() - 0.5) * 40 } }),
  crumpled: (r) => ({ surface: { kind: 'paper' }, pose: { crumple: 0.8 + r() * 1.8 } }),
  'Chinese GBK': (r) => ({ text: { encoding: 'gbk' }, pose: { roll: r() * 360 }, shot: { defocus: r() * 2 } }),
  'Chinese UTF-8': (r) => ({ text: { encoding: 'utf8' }, pose: { roll: r() * 360 }, shot: { defocus: r() * 2 } }),
  'version 8-M': (r) => ({ text: ankang(r), surface: { level: 'M', version: 8 }, pose: { side: 130 + r() * 240, tilt: (r() - 0.5) * 60, roll: (r() - 0.5) * 60 }, shot: { defocus: r() * 1.8 } }),
  'large version': (r) => ({ surface: { version: 10 + Math.floor(r() * 6) }, pose: { side: 260 + r() * 300 }, shot: { defocus: r() * 1.3 } }),
  logo: (r) => ({ surface: { logo: 0.18 + r() * 0.12, level: r() < 0.5 ? 'Q' : 'H' } }),
  shapes: (r) => ({ surface: { shape: r() < 0.5 ? 'dots' : 'rounded', dark: 0.1 + r() * 0.35, quiet: r() * 4, kind: 'phone' }, pose: { side: 140 + r() * 300 } }),
  'thin quiet zone': (r) => ({ surface: { quiet: r() < 0.5 ? 0 : 1, kind: 'phone', light: 0.85 }, pose: { roll: r() * 360 } }),
  print: (r) => ({ surface: { kind: 'paper', spread: -0.3 + r() * 0.6, dark: 0.15 + r() * 0.2 }, pose: { side: 110 + r() * 160 }, shot: { quality: 20 + r() * 40 } }),
  worst: (r) => ({
    pose: { tilt: (r() - 0.5) * 80, turn: (r() - 0.5) * 60, roll: r() * 360, bend: r() < 0.3 ? r() * 0.6 : 0 },
    shot: { defocus: r() * 3, motion: r() * 8, glare: r() < 0.4 ? r() : 0, shadow: r() < 0.4 ? r() * 0.8 : 0, exposure: 0.25 + r() * 0.9, shotNoise: r() * 20, quality: 25 + r() * 60, grid: r() < 0.3 ? r() * 0.7 : 0 },
  }),
}

/** Picture `round` of a trouble from one of the two seeds. */
export function photographOf(name: string, round: number, set: number): Photograph {
  const random = seeded(set + Object.keys(TROUBLES).indexOf(name) * 1000 + round)
  for (let i = 0; i < 5; i++) random()
  const look = TROUBLES[name]?.(random) ?? {}
  const text = typeof look.text === 'string' ? look.text : look.text ? chinese(random) : sample(random)
  const kind = random() < 0.6 ? 'phone' : 'paper'
  const spec: SurfaceSpec = {
    text: typeof look.text === 'object' ? bytesOf(text, look.text.encoding) : text,
    level: random() < 0.75 ? 'M' : random() < 0.5 ? 'L' : 'Q',
    kind, shape: 'square', quiet: 2 + random() * 3, dark: 0.03 + random() * 0.15, light: 0.75 + random() * 0.25,
    inverted: false, logo: random() < 0.08 ? 0.15 : 0, damage: 0, spread: (random() - 0.5) * 0.16, seed: Math.floor(random() * 1e9),
    ...look.surface,
  }
  const side = look.pose?.side ?? 160 + random() * 300
  const surface = makeSurface(fitting(spec))
  const pose: Pose = {
    surface, centre: [640 + (random() - 0.5) * 240, 360 + (random() - 0.5) * 100], side,
    roll: (random() - 0.5) * 40, tilt: (random() - 0.5) * 36, turn: (random() - 0.5) * 36, bend: 0,
    crumple: spec.kind === 'paper' ? random() * 0.5 : 0, ...look.pose,
  }
  const poses = [pose]
  const texts = [text]
  if (look.several) {
    for (const [dx, dy] of [[-1.7, 0], [1.7, 0]] as const) {
      const other = sample(random)
      texts.push(other)
      const beside: Pose = {
        ...pose, surface: makeSurface({ ...spec, text: other, kind: 'paper', seed: spec.seed + texts.length }),
        centre: [pose.centre[0] + dx * side, pose.centre[1] + dy * side + (random() - 0.5) * 60], roll: pose.roll + (random() - 0.5) * 20,
      }
      poses.unshift(beside)
    }
  }
  const screen = spec.kind !== 'paper'
  const shot: Shot = {
    width: 1280, height: 720, poses, exposure: 0.75 + random() * 0.4, veil: random() * 0.12, gradient: random() * 0.25,
    shadow: 0, shadowSoftness: 1, glare: 0, band: 0, reflection: screen ? random() * 0.06 : 0, vignette: random() * 0.3,
    grid: screen ? random() * 0.25 : 0, gridCells: side * (0.8 + random() * 0.4), flicker: 0,
    defocus: 0.4 + random() * 1.2, motion: random() * 2.5, motionAngle: random() * Math.PI,
    shotNoise: 2 + random() * 6, readNoise: 1 + random() * 3, denoise: random() < 0.5 ? random() : 0,
    sharpening: random() < 0.5 ? random() * 1.2 : 0, quality: 45 + random() * 50, seed: Math.floor(random() * 1e9), ...look.shot,
  }
  return { name, texts, picture: photograph(shot) }
}

/** Every `step`th picture of a set, `each` of every trouble. */
export function* photographs(set: number, each: number): Generator<Photograph> {
  for (const name of Object.keys(TROUBLES)) for (let round = 0; round < each; round++) yield photographOf(name, round, set)
}

/** A desk, clutter, writing and light, but no code. */
export function emptyPhotograph(round: number, set: number): Picture {
  const random = seeded(set + 500_000 + round)
  const spec: SurfaceSpec = {
    text: '0', level: 'L', kind: round % 2 ? 'phone' : 'paper', shape: 'square', quiet: 2, dark: 0.85, light: 0.85,
    inverted: false, logo: 0, damage: 0, spread: 0, seed: round + 1,
  }
  const pose: Pose = {
    surface: makeSurface(spec), centre: [640, 360], side: 150 + random() * 300, roll: random() * 40 - 20,
    tilt: random() * 30, turn: random() * 30, bend: 0, crumple: 0,
  }
  return photograph({
    width: 1280, height: 720, poses: [pose], exposure: 0.6 + random() * 0.6, veil: 0.05, gradient: random() * 0.4, shadow: 0, shadowSoftness: 1,
    glare: 0, band: 0, reflection: 0, vignette: 0.2, grid: 0, gridCells: 200, flicker: 0, defocus: random() * 2, motion: 0, motionAngle: 0,
    shotNoise: random() * 15, readNoise: 2, denoise: 0, sharpening: random(), quality: 60 + random() * 40, seed: round + 7,
  })
}

/** A text too long for the version asked for takes the smallest that holds it. */
function fitting(spec: SurfaceSpec): SurfaceSpec {
  const length = spec.text.length
  const roomy = !spec.version || spec.version >= 10 || length < 134
  return roomy ? spec : { ...spec, version: undefined }
}

const SAMPLES: readonly ((random: Random) => string)[] = [
  ankang,
  (r) => `${hex(r, 64)}:1`,
  (r) => `${hex(r, 64)}:0:${hex(r, 32)}::340100`,
  (r) => `424${digits(r, 25)}`,
  (r) => `https://ykm.gdzwfw.example/code?c=${hex(r, 12).toLowerCase()}`,
  () => '432901198810228888',
  (r) => `MZ${digits(r, 10)}`,
]

function sample(random: Random): string {
  return SAMPLES[Math.floor(random() * SAMPLES.length)]!(random)
}

function ankang(random: Random): string {
  return `https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=${hex(random, 32)}&cityNo=340100000000`
}

function chinese(random: Random): string {
  const word = (words: readonly string[]) => words[Math.floor(random() * words.length)]!
  return `姓名:${word(['李小国', '陈顺', '欧阳娜', '王丽'])};科室:${word(['内科', '骨科', '耳鼻喉科'])};就诊号:${digits(random, 8)};楼层:${word(['三', '十二'])}楼`
}

function bytesOf(text: string, encoding: 'utf8' | 'gbk'): Uint8Array {
  return encoding === 'gbk' ? Uint8Array.from(iconv.encode(text, 'gbk')) : new TextEncoder().encode(text)
}

function hex(random: Random, length: number): string {
  return Array.from({ length }, () => '0123456789ABCDEF'[Math.floor(random() * 16)]).join('')
}

function digits(random: Random, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 10)).join('')
}

function sign(random: Random): number {
  return random() < 0.5 ? -1 : 1
}
