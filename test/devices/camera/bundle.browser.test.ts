import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { Browser } from 'playwright-core'
import QRCode from 'qrcode'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from 'vite'
import { launchChromium } from '../../support/chromium.ts'

const CODE = '4240000000000000000000000001'
const ROOT = join(import.meta.dirname, '..', '..', '..')
/** As strict as the screens' own; `data:` for the picture that the test hands in. */
const CSP = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' data:; img-src 'self'"
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' }
const ENTRY = '\0page'
const SOURCE = `import { decodePicture } from '${ROOT}/src/devices/camera/picture.ts'\nObject.assign(window, { decodePicture })`

let directory: string
let server: Server
let browser: Browser

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maqiao-bundle-'))
  await build({
    configFile: false,
    root: ROOT,
    base: './',
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir: directory,
      target: 'chrome109',
      assetsInlineLimit: 0,
      rolldownOptions: { input: { page: ENTRY }, output: { entryFileNames: 'page.js' } },
    },
    plugins: [{
      name: 'page',
      resolveId: (id) => (id === ENTRY ? ENTRY : undefined),
      load: (id) => (id === ENTRY ? SOURCE : undefined),
    }],
  })
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname
    response.setHeader('content-security-policy', CSP)
    response.setHeader('content-type', TYPES[extname(path)] ?? 'text/html')
    if (path === '/') return void response.end('<!doctype html><script type="module" src="/page.js"></script>')
    readFile(join(directory, path)).then((bytes) => response.end(bytes), () => response.writeHead(404).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  browser = await launchChromium()
}, 90_000)

afterAll(async () => {
  await browser?.close()
  server?.close()
  await rm(directory, { recursive: true, force: true })
})

test('the built decoder carries its own module, asks nobody else, and runs under the strict content security policy', async () => {
  expect((await readdir(join(directory, 'assets'))).filter((name) => name.endsWith('.wasm'))).toHaveLength(1)
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const page = await browser.newPage()
  const elsewhere: string[] = []
  const refused: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) elsewhere.push(request.url())
  })
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) refused.push(message.text())
  })
  await page.goto(origin)
  await page.waitForFunction('window.decodePicture')
  const picture = JSON.stringify(await QRCode.toDataURL(CODE, { scale: 4 }))
  const result = await page.evaluate(`(async () => decodePicture(await (await fetch(${picture})).blob()))()`)
  expect(result).toMatchObject({ kind: 'read', text: CODE })
  expect({ elsewhere, refused }).toEqual({ elsewhere: [], refused: [] })
}, 60_000)
