/** What spoils a QR picture before a camera, and the pictures that the decoder is measured on: never tuned on photographs. */
import { render, seeded, type Picture, type Scene } from './qr-pictures.ts'

const ANKANG = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=6F9E2C41D0B84A7A9C53E1F02B7D8A64&cityNo=340100000000'

/** Disturbances, each from the bearable to the hopeless; `random` gives 0 to 1. */
export const DISTURBANCES: Record<string, (random: () => number) => Partial<Scene>> = {
  plain: () => ({}),
  blur: (random) => ({ blur: 1 + random() * 3.5 }),
  motion: (random) => ({ motion: 4 + random() * 10 }),
  noise: (random) => ({ noise: 15 + random() * 50 }),
  'low contrast': (random) => ({ dark: 90 + random() * 20, light: 125 + random() * 30, noise: 3 }),
  dark: (random) => ({ dark: 8, light: 26 + random() * 25, noise: 3 }),
  glare: (random) => ({ glare: 0.5 + random() * 0.8 }),
  shadow: (random) => ({ shadow: 0.4 + random() * 0.5 }),
  gradient: (random) => ({ gradient: 0.6 + random() * 0.35 }),
  perspective: (random) => ({ perspective: 0.3 + random() * 0.7, size: 0.35, degrees: random() * 360 }),
  rotation: (random) => ({ degrees: random() * 360 }),
  small: (random) => ({ size: 0.12 + random() * 0.12 }),
  close: (random) => ({ size: 0.85, degrees: random() * 8 - 4, perspective: 0, centre: [0.5, 0.5] }),
  inverted: () => ({ inverted: true }),
  curve: (random) => ({ curve: 0.4 + random() * 0.5 }),
  stripes: (random) => ({ moire: 0.3 + random() * 0.5 }),
  damage: (random) => ({ damage: 0.3 + random() * 0.6 }),
  'blur and glare': (random) => ({ blur: 1 + random() * 2, glare: 0.4 + random() * 0.5 }),
}

/** Picture `round` of a disturbance, the same every time, and what it holds. */
export function disturbedPicture(name: string, round: number, each: number): { readonly text: string; readonly picture: Picture } {
  const seed = 7000 + Object.keys(DISTURBANCES).indexOf(name) * each + round
  const random = seeded(seed)
  const text = [ANKANG, `${hex(random, 64)}:1`, `424${hex(random, 25).replace(/[A-F]/g, '7')}`][round % 3] ?? ANKANG
  const picture = render({
    seed, text, size: 0.3 + random() * 0.4, degrees: random() * 40 - 20, perspective: random() * 0.2,
    blur: 0.3 + random() * 0.8, noise: 2 + random() * 5, gradient: random() * 0.2, ...DISTURBANCES[name]?.(random),
  })
  return { text, picture }
}

function hex(random: () => number, length: number): string {
  return Array.from({ length }, () => '0123456789ABCDEF'[Math.floor(random() * 16)]).join('')
}
