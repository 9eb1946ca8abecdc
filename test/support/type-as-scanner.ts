/** A keyboard scanner before a page in a real browser. */
import type { CDPSession, Page } from 'playwright-core'
import { scannerKeys, type ScannerPlay } from '../devices/keyboard/play.ts'

/** How late a loaded machine may bring the keys. */
const AHEAD_MS = 1000
const sessions = new WeakMap<Page, Promise<CDPSession>>()

/**
 * The keystrokes through the DevTools protocol, all at once, each with the time at which it is
 * said to have happened: so no load of the machine spoils the rhythm. They lie a little ahead,
 * so that no timer finds a pause among those that have not arrived.
 */
export async function typeAsScanner(page: Page, text: string, options: ScannerPlay = { msPerKey: 8 }): Promise<void> {
  if (!sessions.has(page)) sessions.set(page, page.context().newCDPSession(page))
  const cdp = await sessions.get(page)!
  const strokes = scannerKeys(text, options)
  const from = Date.now() + AHEAD_MS - (strokes[0]?.timeStamp ?? 0)
  await Promise.all(strokes.map((stroke) => {
    const printed = stroke.type === 'down' && stroke.key.length === 1 && !stroke.altKey
    return cdp.send('Input.dispatchKeyEvent', {
      timestamp: (from + stroke.timeStamp) / 1000,
      type: stroke.type === 'up' ? 'keyUp' : printed ? 'keyDown' : 'rawKeyDown',
      code: stroke.code,
      key: stroke.key,
      modifiers: (stroke.shiftKey ? 8 : 0) | (stroke.altKey ? 1 : 0),
      windowsVirtualKeyCode: stroke.key === 'Process' ? 229 : 0,
      ...(printed ? { text: stroke.key } : {}),
    })
  }))
}
