/** How much the first screen asks of a slow disk and an old machine. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { weighDesk } from '../support/first-screen.ts'
import { startFakeApi } from './fake-api.ts'

const out = join(import.meta.dirname, '../../out/renderer')

it('needs less than 250 kB of compressed JavaScript for the desk', async () => {
  const api = await startFakeApi(out)
  const browser = await launchChromium()
  try {
    const { scripts, gzipBytes } = await weighDesk(await browser.newPage(), api.url, out)
    expect(scripts).toBeGreaterThan(0)
    expect(gzipBytes).toBeLessThan(250_000)
  } finally {
    await browser.close()
    await api.close()
  }
})

it('brings its sounds and its Chinese font as files, none of them inlined', () => {
  const files = readdirSync(join(out, 'assets'))
  for (const sound of ['accepted', 'choose', 'refused']) expect(files.some((name) => name.startsWith(`${sound}-`) && name.endsWith('.wav'))).toBe(true)
  expect(files.filter((name) => name.endsWith('.woff2')).length).toBeGreaterThan(90)
  for (const style of files.filter((name) => name.endsWith('.css'))) {
    expect(readFileSync(join(out, 'assets', style), 'utf8')).not.toMatch(/url\(["']?data:/)
  }
})
