/** What the shell offers the screens, told once: `window.maqiaoShell`, absent in a browser. */

/** How the window stands: the whole screen's work area, or a slim bar above the HIS. */
export type Layout = 'full' | 'strip'

export type Shell = {
  readonly host: 'electron'
  /** Docks the window as a bar of `heightPx` (default 96, 56 to 640) at the top, always above others, or undocks it; refused in kiosk mode. */
  setLayout(layout: Layout, heightPx?: number): Promise<Layout>
  /** What the shell read of a keyboard scanner, for a page that missed its keys: the text, how many keys, when; returns what ends it. */
  onKeyboard(listener: (reading: { text: string; keys: number; startedAt: number; endedAt: number }) => void): () => void
}

/** Channels between the shell and its screens; nothing else is listened to. */
export const CHANNELS = { keyboard: 'shell:keyboard', keyboardReady: 'shell:keyboard-ready', setLayout: 'shell:set-layout', ping: 'shell:ping', pong: 'shell:pong' } as const

declare global {
  interface Window {
    readonly maqiaoShell?: Shell
  }
}
