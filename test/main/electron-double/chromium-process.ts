/** The one Chromium behind all windows of the double. */
import { chromium as playwright, type Browser } from 'playwright-core'
import { findChromium } from '../../support/chromium.ts'

let started: Promise<Browser> | undefined

export function chromium(): Promise<Browser> {
  return (started ??= start())
}

async function start(): Promise<Browser> {
  const { executablePath, env } = await findChromium()
  return playwright.launch({
    executablePath,
    env: { ...process.env, ...env } as Record<string, string>,
    // No played permission prompt: the shell's handlers decide.
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
    // Signals are the shell's to answer.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
}

export async function closeChromium(): Promise<void> {
  await (await started)?.close().catch(() => undefined)
}
