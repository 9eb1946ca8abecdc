/** How the phone before the camera is lit, judged by the picture's middle: too weakly, or with a lamp shining back from it. */
const WIDTH = 48
const HEIGHT = 27
/** Luma, 0 to 1: a code's light modules on a screen that is bright enough, and a room that is. */
const DIM_WHITE = 0.42
const ROOM_MEAN = 0.14
/** So much of the middle must be darker than the room for a phone to be there. */
const PHONE_SHARE = 0.55
/** Burnt out; a lamp's reflection fills such a share of the middle, and pales slowly towards its edge, unlike a white page. */
const BURNT = 0.96
const GLARE_SHARE = [0.04, 0.7] as const
const PALING = 0.72

export type Grey = { readonly width: number; readonly height: number; readonly luma: Float32Array }

const isMiddle = (x: number, y: number, { width, height }: Grey) => Math.abs(x - (width - 1) / 2) < width * 0.18 && Math.abs(y - (height - 1) / 2) < height * 0.3

/** True where something dark fills the middle of a picture that is not dark itself. */
export function isScreenDim(grey: Grey): boolean {
  const { width, height, luma } = grey
  const middle: number[] = []
  let sum = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = luma[y * width + x] ?? 0
      sum += value
      if (isMiddle(x, y, grey)) middle.push(value)
    }
  }
  const mean = sum / luma.length
  if (mean < ROOM_MEAN || middle.length === 0) return false
  middle.sort((a, b) => a - b)
  const white = middle[Math.floor(middle.length * 0.97)] ?? 1
  const dark = middle.filter((value) => value < mean).length / middle.length
  return white < DIM_WHITE && dark > PHONE_SHARE
}

/** True where a lamp's reflection lies on the middle. */
export function isGlaring(grey: Grey): boolean {
  const { width, height, luma } = grey
  const at = (x: number, y: number) => luma[y * width + x] ?? 0
  let [cells, burnt, edges, edgeLuma] = [0, 0, 0, 0]
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      if (!isMiddle(x, y, grey)) continue
      cells++
      if (at(x, y) < BURNT) continue
      burnt++
      for (const beside of [at(x - 1, y), at(x + 1, y), at(x, y - 1), at(x, y + 1)]) {
        if (beside >= BURNT) continue
        edges++
        edgeLuma += beside
      }
    }
  }
  const share = burnt / cells
  return share > GLARE_SHARE[0] && share < GLARE_SHARE[1] && edges > 0 && edgeLuma / edges > PALING
}

/** Samples a playing video; null where it shows nothing yet. */
export function createSampler(): (video: HTMLVideoElement) => Grey | null {
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = HEIGHT
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return (video) => {
    if (!context || video.videoWidth === 0) return null
    context.drawImage(video, 0, 0, WIDTH, HEIGHT)
    const { data } = context.getImageData(0, 0, WIDTH, HEIGHT)
    const luma = new Float32Array(WIDTH * HEIGHT)
    for (let i = 0; i < luma.length; i++) {
      luma[i] = (0.299 * (data[4 * i] ?? 0) + 0.587 * (data[4 * i + 1] ?? 0) + 0.114 * (data[4 * i + 2] ?? 0)) / 255
    }
    return { width: WIDTH, height: HEIGHT, luma }
  }
}
