/**
 * The few Electron APIs that the shell uses, played over a real Chromium: pages,
 * permissions, downloads, crashes and preload scripts are Chromium's own; what
 * only Electron has (windows, displays, log-in items) is recorded.
 */
import { EventEmitter } from 'node:events'
import { app } from './app.ts'
import { BrowserWindow } from './browser-window.ts'
import { ipcMain } from './ipc-main.ts'
import { session } from './session.ts'
import { answerControl } from './control.ts'

export { app, BrowserWindow, ipcMain, session }

export const Menu = {
  applicationMenu: undefined as unknown,
  setApplicationMenu(menu: unknown) {
    Menu.applicationMenu = menu
  },
  getApplicationMenu: () => Menu.applicationMenu ?? null,
}

export const dialog = { showMessageBox: async () => ({ response: 0, checkboxChecked: false }) }

type Rectangle = { x: number; y: number; width: number; height: number }
const overlap = (a: Rectangle, b: Rectangle): number =>
  Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) * Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y))

/** Displays as a test sets them up; sizes are of Electron's own points, whatever the scale. */
export const screen = Object.assign(new EventEmitter(), {
  displays: [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }],
  getDisplayMatching: (window: Rectangle) => [...screen.displays].sort((a, b) => overlap(b.workArea, window) - overlap(a.workArea, window))[0],
})

const blockers = new Map<number, string>()
export const powerSaveBlocker = {
  start(type: string): number {
    blockers.set(blockers.size, type)
    return blockers.size - 1
  },
  isStarted: (id: number) => blockers.has(id),
}

/** Not a secret, but not clear text either: a test can see that what is on disk went through it. */
export const safeStorage = {
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () => process.env['DOUBLE_KEY_STORE'] ?? 'gnome_libsecret',
  encryptString: (text: string) => Buffer.from(`sealed:${Buffer.from(text).toString('hex')}`),
  decryptString(sealed: Buffer) {
    const text = sealed.toString()
    if (!text.startsWith('sealed:')) throw new Error('cannot be opened')
    return Buffer.from(text.slice(7), 'hex').toString()
  },
}

answerControl({ app, BrowserWindow, ipcMain, session, Menu, dialog, screen, powerSaveBlocker, safeStorage })
app.becomeReady()
