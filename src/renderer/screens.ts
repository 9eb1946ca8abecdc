/** The screens, each loaded when it is wanted. */
import type { Component } from 'vue'

const NAME = 'screen'

export type Place = { readonly mode: 'window' | 'kiosk'; readonly rehearsal: boolean }

/**
 * The screen for a terminal's mode, or the one that the address asks for: `?screen=diagnostics`, `?screen=desk` beside a
 * kiosk, and in a rehearsal `?screen=kiosk` beside the desk.
 */
export async function screenFor({ mode, rehearsal }: Place, search: string): Promise<Component> {
  const asked = new URLSearchParams(search).get(NAME)
  if (asksForDiagnostics(search)) return (await import('./diagnostics/diagnostics-screen.vue')).default
  if (mode === 'kiosk' ? asked !== 'desk' : rehearsal && asked === 'kiosk') return (await import('./kiosk/kiosk-screen.vue')).default
  const { default: desk } = await import('./desk/desk-screen.vue')
  return desk
}

export function asksForDiagnostics(search: string): boolean {
  return new URLSearchParams(search).get(NAME) === 'diagnostics'
}

/** Makes the address ask for diagnostics, or no more, so that a reload stays where it was. */
export function setAddress(diagnostics: boolean): void {
  const address = new URL(window.location.href)
  if (diagnostics) address.searchParams.set(NAME, 'diagnostics')
  else address.searchParams.delete(NAME)
  window.history.replaceState(null, '', address)
}
