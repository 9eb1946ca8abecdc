/** Pictures of the real screens in a headless Chromium, with the rehearsal's made-up people on them. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findBrowser } from '../hosts/choose.ts'
import { openDevtools, type Devtools } from '../hosts/devtools-pipe.ts'
import type { Finding } from './point.ts'
import type { Rehearsal } from './rehearsal.ts'

export type Screen = 'kiosk' | 'card-code' | 'desk'
export type Pictures = {
  /** By eye: with a picture, or with why there is none. */
  look(screen: Screen, ask: string): Promise<Finding>
  close(): Promise<void>
}

const SIZES: Readonly<Record<Screen, { width: number; height: number }>> = {
  kiosk: { width: 1080, height: 1920 },
  'card-code': { width: 1080, height: 1920 },
  desk: { width: 1366, height: 768 },
}
const PAGE_MS = 60_000
const CALL_MS = 30_000
const NONE = '本机没有 Chromium、Chrome 或 Edge（可用环境变量 CHROME_PATH 指定）：请在运行中的终端上看'

/** Makes the pictures as they are asked for; `directory` takes the browser's profile. */
export function createPictures(rehearsal: Rehearsal, directory: string, screensDir: string): Pictures {
  let opened: Promise<Browser | undefined> | undefined

  async function shoot(browser: Browser, screen: Screen): Promise<Buffer> {
    const page = await browser.open(SIZES[screen])
    await page.go(`${rehearsal.terminal.newUiUrl()}${screen === 'desk' ? '&screen=desk' : ''}`)
    if (screen === 'desk') {
      await page.until('document.body.innerText.includes("请扫患者的二维码")')
      await rehearsal.show('card-dynamic')
      await page.until('document.body.innerText.includes("龙")')
    } else {
      await page.until('document.querySelector("[data-testid]") !== null')
    }
    if (screen === 'card-code') {
      await rehearsal.show('card-static')
      await page.until(`document.querySelector('[data-testid=offer-dynamic-code]') !== null`)
      await page.run(`document.querySelector('[data-testid=offer-dynamic-code]').click()`)
      await page.until(`document.querySelector('[data-testid=card-qr]') !== null`)
    }
    // What moves comes to rest, and fonts are there.
    await page.run('document.fonts.ready.then(() => undefined)')
    await wait(1000)
    return page.picture()
  }

  return {
    async look(screen, ask) {
      if (!existsSync(join(screensDir, 'index.html'))) return { result: 'by-eye', seen: `${ask}。没有画面：界面没有构建（npm run build）` }
      try {
        const browser = await (opened ??= openBrowser(directory))
        if (browser === undefined) return { result: 'by-eye', seen: `${ask}。没有画面：${NONE}` }
        return { result: 'by-eye', seen: `${ask}（画面上是虚构的患者）`, picture: await shoot(browser, screen) }
      } catch (error) {
        return { result: 'by-eye', seen: `${ask}。没有画面：浏览器没有答复（${(error as Error).message.slice(0, 80)}）` }
      }
    },
    close: async () => (await opened?.catch(() => undefined))?.close(),
  }
}

type Page = {
  go(url: string): Promise<void>
  run(script: string): Promise<unknown>
  /** Waits until a script is true. Rejects after a minute. */
  until(script: string): Promise<void>
  picture(): Promise<Buffer>
}
type Browser = { open(size: { width: number; height: number }): Promise<Page>; close(): Promise<void> }

async function openBrowser(directory: string): Promise<Browser | undefined> {
  const found = await programOf(directory)
  if (found === undefined) return undefined
  const switches = [
    '--headless=new', '--remote-debugging-pipe', '--disable-gpu', '--no-first-run', '--no-proxy-server', '--disable-background-networking', '--disable-sync',
    '--autoplay-policy=no-user-gesture-required',
    `--user-data-dir=${join(directory, 'browser')}`, '--lang=zh-CN',
    // Chromium refuses root a sandbox.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ]
  const child = spawn(found.program, switches, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], env: { ...process.env, ...found.env } })
  const failed = new Promise<never>((_done, reject) => child.once('error', reject))
  failed.catch(() => {})
  const devtools = openDevtools(child.stdio[3] as Writable, child.stdio[4] as Readable, () => {})
  await Promise.race([failed, devtools.send('Browser.getVersion', {}, { limitMs: CALL_MS })])
  return { open: (size) => openPage(devtools, size), close: () => end(child, devtools) }
}

async function openPage(devtools: Devtools, size: { width: number; height: number }): Promise<Page> {
  const { targetId } = await devtools.send('Target.createTarget', { url: 'about:blank' }, { limitMs: CALL_MS })
  const { sessionId } = (await devtools.send('Target.attachToTarget', { targetId, flatten: true }, { limitMs: CALL_MS })) as { sessionId: string }
  const send = (method: string, params: Record<string, unknown>) => devtools.send(method, params, { sessionId, limitMs: CALL_MS })
  await send('Emulation.setDeviceMetricsOverride', { ...size, deviceScaleFactor: 1, mobile: false })
  const run = async (expression: string) => {
    const { result } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    return (result as { value?: unknown } | undefined)?.value
  }
  return {
    go: async (url) => void (await send('Page.navigate', { url })),
    run,
    async until(script) {
      for (const from = performance.now(); performance.now() - from < PAGE_MS; await wait(100)) if ((await run(script)) === true) return
      throw new Error('the screen did not come')
    },
    async picture() {
      const { data } = await send('Page.captureScreenshot', { format: 'png' })
      return Buffer.from(String(data), 'base64')
    },
  }
}

async function end(child: ChildProcess, devtools: Devtools): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  devtools.send('Browser.close').catch(() => undefined)
  const kill = setTimeout(() => child.kill('SIGKILL'), 3000)
  await gone
  clearTimeout(kill)
}

/** An installed browser, or the Chromium of the tests where `npm ci` has brought it: unpacked into the directory. */
async function programOf(directory: string): Promise<{ program: string; env: Record<string, string> } | undefined> {
  const installed = findBrowser()
  if (installed !== undefined) return { program: installed, env: {} }
  if (process.env['CHROME_PATH']) return undefined
  try {
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
    const script = "import c from '@sparticuz/chromium'; process.stdout.write(await c.executablePath())"
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: dirname(entry), env: { ...process.env, TMPDIR: directory } })
    const fonts = join(directory, 'fonts')
    mkdirSync(fonts, { recursive: true })
    writeFileSync(join(fonts, 'fonts.conf'), `<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig><dir>${fonts}</dir><cachedir>${fonts}-cache</cachedir></fontconfig>\n`)
    return { program: stdout, env: { FONTCONFIG_PATH: fonts } }
  } catch {
    return undefined
  }
}
