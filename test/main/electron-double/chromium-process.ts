/** The one Chromium behind all windows of the double. */
import type { Browser } from 'playwright-core'
import { launchChromium } from '../../support/chromium.ts'

let started: Promise<Browser> | undefined

export function chromium(): Promise<Browser> {
  // No fake permission prompt: the shell's handlers decide.
  return (started ??= launchChromium({ args: ['--use-fake-device-for-media-stream'] }))
}

export async function closeChromium(): Promise<void> {
  await (await started)?.close().catch(() => undefined)
}
