/** What the person before the camera should do. */
import type { Corner } from './engine.ts'
import type { Sight } from './decode.ts'

/** Every hint, with the words on the screen. */
export const GUIDANCE = {
  ready: '已识别',
  searching: '请将二维码对准取景框',
  dark: '光线太暗，请打开补光灯或调亮手机屏幕',
  bright: '画面过亮或有反光，请调整角度避开灯光',
  far: '二维码离得太远，请靠近一些',
  unclear: '看到二维码但不清晰，请拿稳，避免弯折和反光',
} as const satisfies Record<string, string>
export type Guidance = keyof typeof GUIDANCE

const DARK_MEAN = 0.12
const BURNT_SHARE = 0.25
/** Side of a code as a share of the picture's short side, below which phones' codes lose their modules. */
const FAR_SHARE = 0.2

export function guidanceOf(sight: Sight, width: number, height: number): Guidance {
  if (sight.kind === 'read') return 'ready'
  if (sight.light.mean < DARK_MEAN) return 'dark'
  if (sight.light.burnt > BURNT_SHARE) return 'bright'
  if (sight.kind === 'nothing') return 'searching'
  return sideOf(sight.corners) < FAR_SHARE * Math.min(width, height) ? 'far' : 'unclear'
}

/** The hint to show, given the latest and the time in ms. */
export type SteadyGuidance = (next: Guidance, now: number) => Guidance

/** A code that was seen so lately, ms, is still there: the decoder looks in another way at each frame, and some ways miss it. */
const SEEN_LASTS_MS = 1000

/** Hints change only after they have held for `holdMs`, so that they can be read; a reading shows at once. */
export function createSteadyGuidance({ holdMs = 600 }: { holdMs?: number } = {}): SteadyGuidance {
  let shown: Guidance = 'searching'
  let candidate: Guidance = shown
  let since = 0
  let seen: { readonly hint: Guidance; readonly at: number } | undefined
  return (latest, now) => {
    if (latest === 'far' || latest === 'unclear') seen = { hint: latest, at: now }
    const next = latest === 'searching' && seen && now - seen.at < SEEN_LASTS_MS ? seen.hint : latest
    if (next !== candidate) [candidate, since] = [next, now]
    if (next === 'ready' || now - since >= holdMs) shown = next
    return shown
  }
}

function sideOf(corners: readonly Corner[]): number {
  const [first, second] = corners
  return first && second ? Math.hypot(first.x - second.x, first.y - second.y) : 0
}
