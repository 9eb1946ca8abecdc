/** Brings a screen back within 5 s when its process dies or stands still; scans go on in the agent meanwhile. */
import { ipcMain, type BrowserWindow } from 'electron'
import { CHANNELS } from '../preload/shell.ts'

export type WatchdogOptions = {
  window: BrowserWindow
  /** A fresh address: a ticket works once. */
  newUrl(): string
  log(event: string, fields?: Record<string, string | number>): void
  /** How often the page is asked, ms. */
  everyMs?: number
  /** Silence after which it counts as hung, ms. */
  silentMs?: number
  /** A page that takes longer than this to load is loaded again, ms. */
  loadMs?: number
}

/** Loads the screen and keeps it alive until the returned function is called. */
export function keepAlive({ window, newUrl, log, everyMs = 500, silentMs = 2500, loadMs = 10_000 }: WatchdogOptions): () => void {
  const { webContents } = window
  // Not the clock of the day: a time server that puts it forward would end a page that lives.
  let heardAt = performance.now()
  let limitMs = loadMs
  let reload: NodeJS.Timeout | undefined

  const load = (afterMs: number): void => {
    clearTimeout(reload)
    reload = setTimeout(() => {
      if (window.isDestroyed()) return
      heardAt = performance.now()
      limitMs = loadMs
      // A failure is told by did-fail-load, which tries again.
      void window.loadURL(newUrl()).catch(() => undefined)
    }, afterMs)
  }
  const lives = (): void => {
    heardAt = performance.now()
    limitMs = silentMs
  }
  const hear = (event: { sender: unknown }): void => {
    if (event.sender === webContents) lives()
  }
  const beat = setInterval(() => {
    if (window.isDestroyed()) return
    if (performance.now() - heardAt <= limitMs) return webContents.isCrashed() ? undefined : webContents.send(CHANNELS.ping)
    log('screen.hung', { silentMs: Math.round(performance.now() - heardAt) })
    heardAt = performance.now()
    // Its death is told by render-process-gone, which loads it again.
    webContents.forcefullyCrashRenderer()
  }, everyMs)

  ipcMain.on(CHANNELS.pong, hear)
  // Its own script has run; pictures and fonts may be long in coming.
  webContents.on('dom-ready', lives)
  webContents.on('render-process-gone', (_event, details) => {
    log('screen.gone', { reason: details.reason })
    load(200)
  })
  webContents.on('did-fail-load', (_event, code, _description, _url, isMainFrame) => {
    // -3: another load took its place.
    if (!isMainFrame || code === -3) return
    log('screen.load-failed', { code })
    load(1000)
  })
  load(0)
  return () => {
    clearInterval(beat)
    clearTimeout(reload)
    ipcMain.removeListener(CHANNELS.pong, hear)
  }
}
