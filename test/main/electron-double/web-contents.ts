/** Electron's `webContents` over a Chromium page. */
import { EventEmitter } from 'node:events'
import type { CDPSession, Page, Route } from 'playwright-core'
import { ipcMain } from './ipc-main.ts'
import { playedEvent } from './played-event.ts'
import { preloadScript } from './preload-script.ts'
import type { Session } from './session.ts'

export type WebPreferences = { session: Session; preload?: string } & Record<string, unknown>
type WindowOpenHandler = (details: { url: string }) => { action: 'allow' | 'deny' }
type Input = { type: string; keyCode: string; modifiers?: string[] }

export class WebContents extends EventEmitter {
  readonly session: Session
  readonly mainFrame: { readonly url: string }
  readonly zoom = { limits: undefined as unknown, factor: 0 }
  readonly navigationHistory = { clear: () => void (this.historyCleared += 1) }
  historyCleared = 0
  readonly #preferences: WebPreferences
  #page: Page | undefined
  #cdp: CDPSession | undefined
  #crashed = false
  #loading: string | undefined
  #openHandler: WindowOpenHandler = () => ({ action: 'allow' })

  constructor(preferences: WebPreferences) {
    super()
    this.#preferences = preferences
    this.session = preferences.session
    const page = (): Page | undefined => this.#page
    this.mainFrame = {
      get url() {
        return page()?.url() ?? ''
      },
    }
  }

  getLastWebPreferences() {
    const { session: _, ...preferences } = this.#preferences
    return preferences
  }
  getURL() {
    return this.mainFrame.url
  }
  isCrashed() {
    return this.#crashed
  }
  isDestroyed() {
    return this.#page?.isClosed() ?? false
  }
  isDevToolsOpened() {
    return false
  }
  setWindowOpenHandler(handler: WindowOpenHandler) {
    this.#openHandler = handler
  }
  async setVisualZoomLevelLimits(...limits: number[]) {
    this.zoom.limits = limits
  }
  setZoomFactor(factor: number) {
    this.zoom.factor = factor
  }

  async loadURL(url: string): Promise<void> {
    const page = await this.#alivePage()
    this.#loading = url
    try {
      await this.session.settlePermissions(this, url, this.#cdp as CDPSession)
      await page.goto(url, { waitUntil: 'load' })
      this.emit('did-finish-load')
    } catch (error) {
      this.emit('did-fail-load', playedEvent(), -2, String(error), url, true)
      throw error
    } finally {
      this.#loading = undefined
    }
  }
  /** Runs in the page; outside its content security policy, as in Electron. */
  async executeJavaScript(script: string): Promise<unknown> {
    return this.#page?.evaluate(script)
  }
  send(channel: string, ...args: unknown[]) {
    const receive = `window.__electronReceive?.(${JSON.stringify(channel)}, ${JSON.stringify(args)})`
    // By the protocol and not by Playwright, whose calls queue up behind a page that stands still.
    this.#cdp?.send('Runtime.evaluate', { expression: receive }).catch(() => undefined)
  }
  forcefullyCrashRenderer() {
    this.#cdp?.send('Page.crash').catch(() => undefined)
  }
  async sendInputEvent({ type, keyCode, modifiers = [] }: Input): Promise<void> {
    const has = (name: string) => modifiers.includes(name)
    const event = playedEvent()
    this.emit('before-input-event', event, { type, key: keyCode, control: has('control'), alt: has('alt'), meta: has('meta'), shift: has('shift') })
    if (!event.defaultPrevented) await this.#page?.keyboard.press([...modifiers.map((name) => `${name[0]?.toUpperCase()}${name.slice(1)}`), keyCode].join('+'))
  }
  async resize(width: number, height: number): Promise<void> {
    await this.#page?.setViewportSize({ width, height })
  }
  async close(): Promise<void> {
    await this.#page?.close().catch(() => undefined)
    this.#page = undefined
  }

  async #alivePage(): Promise<Page> {
    if (this.#page !== undefined && !this.#crashed) return this.#page
    const dead = this.#page
    const context = await this.session.context()
    const page = await context.newPage()
    this.#page = page
    this.#crashed = false
    void dead?.close().catch(() => undefined)
    this.#cdp = await context.newCDPSession(page)
    await page.exposeBinding('__electronCall', ({ frame }, kind: 'invoke' | 'send', channel: string, args: unknown[]) => {
      const senderFrame = frame === page.mainFrame() ? this.mainFrame : { url: frame.url() }
      const event = { sender: this, senderFrame }
      return kind === 'invoke' ? ipcMain.answer(channel, event, args) : void ipcMain.emit(channel, event, ...args)
    })
    if (this.#preferences.preload !== undefined) await page.addInitScript(preloadScript(this.#preferences.preload))
    const deniesWindow = (url: string): boolean => this.#openHandler({ url }).action === 'deny'
    this.session.pages.set(page, { judge: (route) => this.#judge(page, route), deniesWindow })
    page.on('close', () => this.session.pages.delete(page))
    page.on('popup', (popup) => {
      if (deniesWindow(popup.url())) void popup.close()
    })
    page.on('download', (download) => {
      const event = playedEvent()
      const item = { getURL: () => download.url(), getFilename: () => download.suggestedFilename() }
      this.session.emit('will-download', event, item, this)
      if (event.defaultPrevented) void download.cancel()
      else this.emit('played-download', item.getFilename())
    })
    page.on('crash', () => {
      this.#crashed = true
      this.emit('render-process-gone', playedEvent(), { reason: 'crashed', exitCode: 5 })
    })
    page.on('domcontentloaded', () => this.emit('dom-ready'))
    page.once('domcontentloaded', () => this.emit('played-ready-to-show'))
    return page
  }

  async #judge(page: Page, route: Route): Promise<void> {
    const request = route.request()
    const url = request.url()
    if (request.isNavigationRequest() && url !== this.#loading) {
      const isMainFrame = request.frame() === page.mainFrame()
      const event = playedEvent({ url, isMainFrame })
      this.emit('will-frame-navigate', event)
      if (isMainFrame) this.emit('will-navigate', event)
      if (event.defaultPrevented) return route.abort('aborted')
    }
    if (!(await this.session.isLetThrough(url))) return route.abort('blockedbyclient')
    await route.continue()
  }
}
