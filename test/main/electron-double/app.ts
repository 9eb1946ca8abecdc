/** Electron's `app`: life-cycle, paths, the single instance. */
import { EventEmitter } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { closeChromium } from './chromium-process.ts'
import { playedEvent } from './played-event.ts'

const root = join(import.meta.dirname, '../../..')

class App extends EventEmitter {
  readonly isPackaged = false
  readonly commandLine = { appendSwitch: () => undefined }
  readonly paths = new Map<string, string>([
    ['exe', process.execPath],
    ['appData', process.env['DOUBLE_APP_DATA'] ?? ''],
  ])
  sandboxEnforced = false
  loginItem: object | undefined
  readonly #ready = Promise.withResolvers<void>()

  enableSandbox() {
    this.sandboxEnforced = true
  }
  becomeReady() {
    setImmediate(() => (this.emit('ready'), this.#ready.resolve()))
  }
  whenReady() {
    return this.#ready.promise
  }
  getVersion() {
    return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
  }
  setPath(name: string, path: string) {
    this.paths.set(name, path)
  }
  getPath(name: string) {
    return this.paths.get(name) ?? ''
  }
  setLoginItemSettings(settings: object) {
    this.loginItem = settings
  }
  /** One holder for each `userData`; a second one rings at the first and is refused, as in Electron at once. */
  requestSingleInstanceLock(): boolean {
    const directory = this.getPath('userData')
    mkdirSync(directory, { recursive: true })
    const socket = join(directory, 'instance')
    const ring = `require('net').connect(process.argv[1]).on('connect',()=>process.exit(0)).on('error',()=>process.exit(1))`
    if (spawnSync(process.execPath, ['-e', ring, socket]).status === 0) return false
    rmSync(socket, { force: true })
    createServer((caller) => {
      caller.destroy()
      this.emit('second-instance', playedEvent(), [], '')
    })
      .listen(socket)
      .unref()
    return true
  }
  quit() {
    const event = playedEvent()
    this.emit('before-quit', event)
    if (!event.defaultPrevented) this.exit(0)
  }
  exit(code = 0) {
    void closeChromium().finally(() => process.exit(code))
  }
}

export const app = new App()
