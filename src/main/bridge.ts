/** Answers what the preload script passes on, for our own page alone. */
import { ipcMain, type BrowserWindow, type IpcMainInvokeEvent } from 'electron'
import { CHANNELS } from '../preload/shell.ts'
import { originOf } from './permissions.ts'
import { setLayout } from './window.ts'

export type BridgeOptions = {
  window: BrowserWindow
  mode: 'window' | 'kiosk'
  origin: string
}

/** Registers the calls of `Shell`. Each rejects for any other page or frame, and for wrong arguments. */
export function answerScreens({ window, mode, origin }: BridgeOptions) {
  const isOurs = ({ sender, senderFrame: frame }: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>): boolean =>
    sender === window.webContents && frame !== null && frame === window.webContents.mainFrame && originOf(frame.url) === origin
  const handle = (channel: string, answer: (...args: unknown[]) => unknown): void => {
    ipcMain.handle(channel, (event: IpcMainInvokeEvent, ...args: unknown[]) => {
      if (!isOurs(event)) throw new Error('refused')
      return answer(...args)
    })
  }
  handle(CHANNELS.setLayout, (layout, heightPx) => {
    if (mode === 'kiosk' || (layout !== 'full' && layout !== 'strip')) throw new Error('refused')
    if (heightPx !== undefined && (typeof heightPx !== 'number' || !Number.isFinite(heightPx))) throw new Error('refused')
    return setLayout(window, layout, heightPx)
  })
  return {
    /** Calls back whenever the page begins to listen to the shell's own reading of the keyboard. */
    onKeyboardReady(listener: () => void): void {
      ipcMain.on(CHANNELS.keyboardReady, (event) => {
        if (isOurs(event)) listener()
      })
    },
  }
}
