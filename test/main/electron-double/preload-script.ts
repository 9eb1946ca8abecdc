/** What a page gets before its own scripts: the built preload script with a played `electron`. */
import { readFileSync } from 'node:fs'

/** The page's half of the bridge; `preload` is the text of a CommonJS script, as a sandboxed one must be. */
export function preloadScript(file: string): string {
  return `(() => {
    // Preload scripts run in the top frame alone unless nodeIntegrationInSubFrames says otherwise.
    if (window !== window.top || location.protocol === 'about:') return
    const call = window.__electronCall
    const listeners = new Map()
    const electron = {
      contextBridge: {
        exposeInMainWorld: (key, api) => Object.defineProperty(window, key, { value: Object.freeze(api), enumerable: true }),
        executeInMainWorld: ({ func, args = [] }) => func(...args),
      },
      ipcRenderer: {
        invoke: (channel, ...args) => call('invoke', channel, args),
        send: (channel, ...args) => void call('send', channel, args),
        on: (channel, listener) => void listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
      },
    }
    const require = (name) => {
      if (name !== 'electron') throw new Error('module not found: ' + name)
      return electron
    }
    Object.defineProperty(window, '__electronReceive', {
      value: (channel, args) => (listeners.get(channel) ?? []).forEach((listener) => listener({}, ...args)),
    })
    const module = { exports: {} }
    ;(function (require, module, exports) {
${readFileSync(file, 'utf8')}
    })(require, module, module.exports)
  })()`
}
