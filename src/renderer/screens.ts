/** The screens, each loaded when it is wanted. */
import type { Component } from 'vue'

/** The screen for a terminal's mode. */
export async function screenFor(mode: 'window' | 'kiosk', _hash: string): Promise<Component> {
  if (mode === 'kiosk') return (await import('./kiosk/kiosk-screen.vue')).default
  const { default: desk } = await import('./desk/desk-screen.vue')
  return desk
}
