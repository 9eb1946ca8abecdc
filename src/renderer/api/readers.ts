/** What reads codes at a screen: the terminal's devices, and what the page itself listens to. */
import type { DeviceStatus } from '../../devices/scanner.ts'
import type { ScreenInfo } from './screen-types.ts'

export type Reader = Pick<DeviceStatus, 'id' | 'kind' | 'state' | 'model'> & { readonly fault?: { message: string; advice: string } }

/** How the page's camera stands; `opening` until it has told. */
export type CameraStands = Pick<Reader, 'state' | 'fault'>

export function readersOf(screen: ScreenInfo | null, camera: CameraStands = { state: 'opening' }): Reader[] {
  if (!screen) return []
  return [
    ...screen.devices,
    ...(screen.keyboard ? [{ id: 'keyboard', kind: 'keyboard', state: 'open' } as const] : []),
    ...(screen.camera ? [{ id: 'camera', kind: 'camera', ...camera } as const] : []),
  ]
}

/** One that is still opening counts, and so does a terminal that has not told yet. */
export function canRead(screen: ScreenInfo | null, camera?: CameraStands): boolean {
  return !screen || readersOf(screen, camera).some(({ state }) => state === 'open' || state === 'opening')
}
