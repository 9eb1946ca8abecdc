/** Electron's `BrowserWindow`; its frame, size and place are recorded, its page is real. */
import { EventEmitter } from 'node:events'
import { app } from './app.ts'
import { playedEvent } from './played-event.ts'
import { session } from './session.ts'
import { WebContents, type WebPreferences } from './web-contents.ts'

type Bounds = { x: number; y: number; width: number; height: number }
type Options = { show?: boolean; kiosk?: boolean; width?: number; height?: number; webPreferences?: Partial<WebPreferences> }

/** What Electron takes where nothing is said. */
const DEFAULTS = { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false, devTools: true }

const windows = new Set<BrowserWindow>()

export class BrowserWindow extends EventEmitter {
  static getAllWindows(): BrowserWindow[] {
    return [...windows]
  }

  readonly webContents: WebContents
  readonly #kiosk: boolean
  #bounds: Bounds
  #visible: boolean
  #minimized = false
  #onTop: boolean
  #destroyed = false

  constructor(options: Options = {}) {
    super()
    this.#kiosk = options.kiosk ?? false
    this.#onTop = (options as { alwaysOnTop?: boolean }).alwaysOnTop ?? false
    this.#visible = options.show ?? true
    this.#bounds = { x: 0, y: 0, width: options.width ?? 800, height: options.height ?? 600 }
    this.webContents = new WebContents({ ...DEFAULTS, session: session.defaultSession, ...options.webPreferences })
    this.webContents.once('played-ready-to-show', () => this.emit('ready-to-show'))
    windows.add(this)
    app.emit('web-contents-created', playedEvent(), this.webContents)
  }

  loadURL(url: string) {
    return this.webContents.loadURL(url)
  }
  close() {
    const event = playedEvent()
    this.emit('close', event)
    if (!event.defaultPrevented) this.destroy()
  }
  destroy() {
    this.#destroyed = true
    windows.delete(this)
    void this.webContents.close()
    this.emit('closed')
  }
  isDestroyed() {
    return this.#destroyed
  }
  show() {
    this.#visible = true
  }
  focus() {
    this.emit('focus')
  }
  isVisible() {
    return this.#visible
  }
  minimize() {
    this.#minimized = true
  }
  restore() {
    this.#minimized = false
  }
  isMinimized() {
    return this.#minimized
  }
  isKiosk() {
    return this.#kiosk
  }
  setAlwaysOnTop(on: boolean) {
    this.#onTop = on
  }
  isAlwaysOnTop() {
    return this.#onTop
  }
  setBounds(bounds: Bounds) {
    this.#bounds = { ...bounds }
    void this.webContents.resize(bounds.width, bounds.height)
  }
  getBounds() {
    return { ...this.#bounds }
  }
  center() {
    this.emit('move')
  }
}
