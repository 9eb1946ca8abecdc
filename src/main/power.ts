/** The display stays on where patients stand before it. */
import { powerSaveBlocker } from 'electron'

/** Keeps the display awake in kiosk mode only; at the desk the system's own setting stands. */
export function keepAwake(mode: 'window' | 'kiosk'): void {
  if (mode === 'kiosk') powerSaveBlocker.start('prevent-display-sleep')
}
