/** The one window. */
import { join } from 'node:path'
import { BrowserWindow, screen, type BrowserWindowConstructorOptions, type Session } from 'electron'
import type { Layout } from '../preload/shell.ts'

export type WindowOptions = {
  mode: 'window' | 'kiosk'
  session: Session
  devTools: boolean
  /** Whether a close is meant: by a technician's exit or the system's end. */
  mayClose(): boolean
  /** Staff pressed the cross. */
  closeAsked(): void
}

const STRIP_PX = { least: 56, usual: 96, most: 640 }

/** The window's frame and the page's rights. */
function windowOptions({ mode, session, devTools }: Pick<WindowOptions, 'mode' | 'session' | 'devTools'>): BrowserWindowConstructorOptions {
  return {
    show: false,
    width: 1366,
    height: 768,
    title: '码桥 MaQiao',
    backgroundColor: '#ffffff',
    autoHideMenuBar: true,
    ...(mode === 'kiosk' && { kiosk: true, fullscreen: true, frame: false, resizable: false, minimizable: false, alwaysOnTop: true }),
    webPreferences: {
      session,
      preload: join(import.meta.dirname, '../preload/preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools,
      // A desk that lies behind the HIS must still sound and be ready.
      backgroundThrottling: false,
      autoplayPolicy: 'no-user-gesture-required',
    },
  }
}

/** Makes the window, hidden until its page is drawn. */
export function createWindow(options: WindowOptions): BrowserWindow {
  const window = new BrowserWindow(windowOptions(options))
  const { webContents } = window
  window.once('ready-to-show', () => window.show())
  const settle = (): void => settleOnDisplay(window, options.mode)
  screen.on('display-metrics-changed', settle)
  screen.on('display-added', settle)
  screen.on('display-removed', settle)
  window.on('close', (event) => {
    if (options.mayClose()) return
    event.preventDefault()
    if (options.mode === 'window') options.closeAsked()
  })
  webContents.on('did-finish-load', () => {
    void webContents.setVisualZoomLevelLimits(1, 1)
    webContents.setZoomFactor(1)
    // Alt+Left must not lead back to an address whose ticket is spent.
    webContents.navigationHistory.clear()
  })
  webContents.on('before-input-event', (event, input) => {
    if (isEscape(input, options)) event.preventDefault()
  })
  return window
}

type Key = { type: string; key: string; control: boolean; meta: boolean; alt: boolean }

/** Keys that reload, zoom, print, close or look behind the page. */
function isEscape({ key, control, meta, alt }: Key, { mode, devTools }: Pick<WindowOptions, 'mode' | 'devTools'>): boolean {
  if (devTools && mode === 'window') return false
  const letter = key.toLowerCase()
  if (control || meta) return ['r', 'p', 's', 'o', 'u', 'n', 't', 'w', 'j', 'i', '+', '-', '=', '0'].includes(letter)
  if (alt) return ['arrowleft', 'arrowright', 'home'].includes(letter) || (mode === 'kiosk' && ['f4', ' ', 'tab'].includes(letter))
  return letter === 'f11' || (letter === 'f12' && !devTools)
}

/** Heights of the windows that are docked. */
const docked = new WeakMap<BrowserWindow, number>()

/** A screen that was turned off, scaled or taken away leaves no bar in the middle and no kiosk in a corner. */
function settleOnDisplay(window: BrowserWindow, mode: 'window' | 'kiosk'): void {
  if (window.isDestroyed()) return
  const heightPx = docked.get(window)
  if (heightPx !== undefined) setLayout(window, 'strip', heightPx)
  else if (mode === 'kiosk') window.setKiosk(true)
}

/** Docks the window as a bar along the top of the screen it is on (whole of its width, whatever its scale), or gives it back its size. */
export function setLayout(window: BrowserWindow, layout: Layout, heightPx: number = STRIP_PX.usual): Layout {
  const { workArea } = screen.getDisplayMatching(window.getBounds())
  if (layout === 'strip') {
    const height = Math.round(Math.min(STRIP_PX.most, Math.max(STRIP_PX.least, heightPx)))
    docked.set(window, height)
    window.setAlwaysOnTop(true, 'floating')
    window.setBounds({ ...workArea, height })
  } else {
    docked.delete(window)
    window.setAlwaysOnTop(false)
    const size = { width: Math.min(1366, workArea.width), height: Math.min(768, workArea.height) }
    window.setBounds({ x: workArea.x, y: workArea.y, ...size })
    window.center()
  }
  return layout
}
