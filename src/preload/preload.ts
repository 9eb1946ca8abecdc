/** Runs sandboxed before each screen: hands it the shell, answers the watchdog, takes printing away. */
import { contextBridge, ipcRenderer } from 'electron'
import { CHANNELS, type Shell } from './shell.ts'

let listener: Parameters<Shell['onKeyboard']>[0] | undefined
ipcRenderer.on(CHANNELS.keyboard, (_event, reading) => listener?.(reading))

const shell: Shell = {
  host: 'electron',
  setLayout: (layout, heightPx) => ipcRenderer.invoke(CHANNELS.setLayout, layout, heightPx),
  onKeyboard(mine) {
    listener = mine
    ipcRenderer.send(CHANNELS.keyboardReady)
    return () => {
      if (listener === mine) listener = undefined
    }
  },
}

contextBridge.exposeInMainWorld('maqiaoShell', shell)

// Electron has no switch against window.print, and a kiosk must not show the system's dialog.
contextBridge.executeInMainWorld({
  func: () => Object.defineProperty(window, 'print', { value: () => undefined, writable: false, configurable: false }),
})

// Answered by the thread that draws: no answer means that the screen stands still.
ipcRenderer.on(CHANNELS.ping, () => ipcRenderer.send(CHANNELS.pong))
