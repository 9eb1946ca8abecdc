/** The gallery of the design system: complete, legible, and as its picture. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createServer, type ViteDevServer } from 'vite'
import { launchChromium } from '../support/chromium.ts'
import { seriousFaults } from './axe.ts'
import { expectPicture } from './baseline.ts'
import { fontsOf } from './measure.ts'
import { openStill } from './still-page.ts'

const root = join(import.meta.dirname, '../..')
const cacheDir = mkdtempSync(join(tmpdir(), 'maqiao-gallery-'))
const SIZE = { width: 1366, height: 900 }
const STATES = ['hover', 'active', 'focus-visible']
let server: ViteDevServer
let browser: Browser
let page: Page

beforeAll(async () => {
  server = await createServer({
    configFile: join(root, 'src/renderer/vite.config.ts'),
    root: join(root, 'src/renderer'),
    cacheDir,
    logLevel: 'error',
    optimizeDeps: { noDiscovery: true, include: ['qrcode'] },
    server: { host: '127.0.0.1', port: 0, hmr: false, ws: false, watch: null },
  })
  await server.listen()
  browser = await launchChromium()
  ;({ page } = await openStill(browser, SIZE, { stopped: true }))
  await page.goto(`http://127.0.0.1:${(server.httpServer?.address() as AddressInfo).port}/design/gallery/`)
  await page.locator('.gallery').waitFor()
  for (const state of STATES) await force(state)
  const height = await page.locator('.gallery').evaluate((element) => element.scrollHeight)
  await page.setViewportSize({ ...SIZE, height })
  await page.evaluate('scrollTo(0, 0)')
  await page.evaluate('document.fonts.ready')
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
  rmSync(cacheDir, { recursive: true, force: true })
})

/** Draws the buttons marked with a state as if it were so. */
async function force(state: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('DOM.enable')
  await session.send('CSS.enable')
  const { root: document } = await session.send('DOM.getDocument', { depth: -1 })
  const { nodeIds } = await session.send('DOM.querySelectorAll', { nodeId: document.nodeId, selector: `[data-force=${state}] button` })
  for (const nodeId of nodeIds) await session.send('CSS.forcePseudoState', { nodeId, forcedPseudoClasses: [state, ...(state === 'focus-visible' ? ['focus'] : [])] })
}

it('shows every component of src/renderer/design and every token of its two themes', async () => {
  const components = readdirSync(join(root, 'src/renderer/design')).filter((name) => name.endsWith('.vue')).map((name) => name.replace('.vue', ''))
  const shown = await page.locator('[data-component]').evaluateAll((all) => all.map((each) => each.getAttribute('data-component')))
  expect(shown).toEqual(expect.arrayContaining(components))
  const tokensOf = (file: string) => [...new Set([...readFileSync(join(root, 'src/renderer', file), 'utf8').matchAll(/^ {2}(--[\w-]+):/gm)].map(([, name]) => name!))]
  const listed = (attribute: string) => page.locator(`[${attribute}]`).evaluateAll((all, name) => all.map((each) => each.getAttribute(name)!), attribute)
  expect((await listed('data-token')).sort()).toEqual(tokensOf('design/tokens.css').sort())
  expect(await listed('data-dark-token')).toEqual(expect.arrayContaining(tokensOf('diagnostics/dark.css')))
})

it('serves the fonts where node_modules is a link', () => {
  expect(server.config.server.fs.allow).toContain(realpathSync(join(root, 'node_modules')))
})

it('has no glyph of another font and nothing serious from axe', async () => {
  expect((await fontsOf(page)).filter((family) => !family.startsWith('Noto Sans SC'))).toEqual([])
  expect(await seriousFaults(page, { without: ['page-has-heading-one', 'duplicate-id'] })).toEqual([])
})

it('looks as it should', () => expectPicture(page, 'design'))
