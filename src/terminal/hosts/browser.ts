/** Shows the screens in a local Chromium, Chrome or Edge, for systems that have no Electron build. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { createBrowserPage, type BrowserPage } from './browser-page.ts'
import { findBrowser, HostError } from './choose.ts'
import { openDevtools, type Devtools } from './devtools-pipe.ts'

export type BrowserOptions = {
  /** A fresh address for the screens each time it is called. */
  url(): string
  /** Told when the browser's process has ended, before another is started: what it held is to open nothing any more. */
  onEnded?(): void
  kiosk: boolean
  /** A profile of its own, made anew for each browser: nothing of the user's is read or changed, and no session outlives it. */
  profileDir: string
  log(event: string, fields?: Record<string, string | number | boolean>): void
  /** The browser's program; found by itself. */
  binary?: string | undefined
  /** More switches; those of MAQIAO_BROWSER_ARGS (split at spaces) by default. */
  args?: readonly string[]
  /** Instead of the terminal's own environment. */
  env?: NodeJS.ProcessEnv
  /** How often the page is asked whether it lives (500), and the silence that counts as hung (2500), ms. */
  everyMs?: number
  silentMs?: number
}

export type BrowserHost = {
  /** Closes the browser for good; resolves when it is gone, 3 s at the most. */
  close(): Promise<void>
}

const RESTART_FIRST_MS = 200
const RESTART_MOST_MS = 30_000
/** A browser that lived this long starts over with short waits. */
const SOUND_MS = 60_000
const CLOSE_LIMIT_MS = 3000

/** Starts the browser and starts it again, with a new ticket, whenever it dies or hangs. Throws HostError. */
export function openBrowser(options: BrowserOptions): BrowserHost {
  const binary = options.binary ?? findBrowser()
  if (binary === undefined) throw new HostError('HOST_BROWSER_MISSING')
  const extra = options.args ?? (process.env['MAQIAO_BROWSER_ARGS'] ?? '').split(' ').filter(Boolean)
  let child: ChildProcess | undefined
  let devtools: Devtools | undefined
  let restart: NodeJS.Timeout | undefined
  let waitMs = RESTART_FIRST_MS
  let closed = false

  const start = (): void => {
    renewProfile(options.profileDir)
    const startedAt = Date.now()
    const running = spawn(binary, [...switches(options), ...extra, `--app=${new URL(options.url()).origin}/`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: options.env ?? process.env,
    })
    let page: BrowserPage | undefined
    let gone = false
    const ended = (code: number | string): void => {
      if (gone) return
      gone = true
      child = undefined
      page?.stop()
      options.onEnded?.()
      if (closed) return
      if (Date.now() - startedAt > SOUND_MS) waitMs = RESTART_FIRST_MS
      options.log('browser.ended', { code, restartMs: waitMs })
      restart = setTimeout(start, waitMs)
      waitMs = Math.min(RESTART_MOST_MS, waitMs * 2)
    }
    running.on('error', (error: NodeJS.ErrnoException) => ended(error.code ?? 'UNKNOWN'))
    running.on('exit', (code, signal) => ended(code ?? signal ?? 'UNKNOWN'))
    child = running
    devtools = openDevtools(running.stdio[3] as Writable, running.stdio[4] as Readable, (event) => page?.hear(event))
    page = createBrowserPage(devtools, { everyMs: 500, silentMs: 2500, ...options }, () => running.kill('SIGKILL'))
    page.open().then(
      () => options.log('browser.opened', { kiosk: options.kiosk }),
      () => running.kill('SIGKILL'),
    )
  }
  start()

  return {
    async close() {
      closed = true
      clearTimeout(restart)
      const running = child
      if (running === undefined) return
      const exited = new Promise((resolve) => running.once('exit', resolve))
      devtools?.send('Browser.close').catch(() => undefined)
      const kill = setTimeout(() => running.kill('SIGKILL'), CLOSE_LIMIT_MS)
      await exited
      clearTimeout(kill)
      renewProfile(options.profileDir)
    },
  }
}

/** Session storage, caches and history go; the desk's own choices (loudness, departments) stay. */
function renewProfile(profileDir: string): void {
  const choices = join(profileDir, 'Default', 'Local Storage')
  const aside = `${profileDir}.kept`
  try {
    if (existsSync(choices)) {
      rmSync(aside, { recursive: true, force: true })
      renameSync(choices, aside)
    }
    // Windows: the browser's last processes may still hold a file.
    rmSync(profileDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
    mkdirSync(join(profileDir, 'Default'), { recursive: true, mode: 0o700 })
    if (existsSync(aside)) renameSync(aside, choices)
  } catch {
    // What cannot be removed now is removed before the next start; the screens are not kept waiting for it.
    mkdirSync(profileDir, { recursive: true, mode: 0o700 })
  }
}

function switches({ kiosk, profileDir }: BrowserOptions): string[] {
  return [
    `--user-data-dir=${profileDir}`,
    '--remote-debugging-pipe',
    ...(kiosk ? ['--kiosk', '--edge-kiosk-type=fullscreen', '--disable-pinch', '--overscroll-history-navigation=0'] : ['--window-size=1366,768']),
    '--no-first-run',
    '--no-default-browser-check',
    '--no-proxy-server',
    '--noerrdialogs',
    '--hide-crash-restore-bubble',
    '--disable-sync',
    '--disable-extensions',
    '--disable-background-mode',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-print-preview',
    '--disable-features=Translate,MediaRouter,OptimizationHints',
    // The screens sound without a click, and a desk behind the HIS stays awake.
    '--autoplay-policy=no-user-gesture-required',
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    // No keyring asks for a password: the profile keeps none.
    '--password-store=basic',
  ]
}
