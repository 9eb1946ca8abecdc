/** The Electron shell: the same terminal in its own process, and the one window that shows its screens. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app, dialog, Menu, safeStorage, session } from 'electron'
import { variablesNamedIn } from '../agent/settings-file.ts'
import { defaultDataDir } from '../terminal/data-dir.ts'
import { forbidCoreDumps } from '../terminal/core-dumps.ts'
import { explainStart } from '../terminal/explain-start.ts'
import { keepLastWordsShort } from '../terminal/last-words.ts'
import { FIRST_PIN, startTerminal, type Terminal } from '../terminal/terminal.ts'
import { setAutostart } from './autostart.ts'
import { answerScreens } from './bridge.ts'
import { createKeyStore, withSecrets } from './key-store.ts'
import { readKeys } from './keyboard-source.ts'
import { refuseNavigation } from './navigation.ts'
import { hardenSession } from './permissions.ts'
import { keepAwake } from './power.ts'
import { readShellOptions, type ShellOptions } from './shell-options.ts'
import { keepAlive } from './watchdog.ts'
import { createWindow } from './window.ts'

const EXIT_USAGE = 64
const DLL_RUNNER = 'dll-runner.js'

keepLastWordsShort({ outlivesRejections: true })
// Before the first process of a page, which takes the limit over.
forbidCoreDumps()
let origin: string | undefined
// Before anything is made: what a page may do must not depend on who made it.
app.enableSandbox()
Menu.setApplicationMenu(null)
app.on('session-created', (made) => hardenSession(made, () => origin))
refuseNavigation(app, () => origin)

if (isDllRunner()) await import(pathToFileURL(join(import.meta.dirname, '..', DLL_RUNNER)).href)
else begin(optionsOrExit())

/**
 * The packaged program is not Node (its fuse is off): started for one call of the
 * insurance DLL it must itself become that process, before it has any window.
 */
function isDllRunner(): boolean {
  return process.send !== undefined && process.argv.slice(1).some((argument) => basename(argument) === DLL_RUNNER)
}

function begin(options: ShellOptions | undefined): void {
  if (options === undefined) return
  const dataDir = options.dataDir ?? defaultDataDir(options.config === undefined)
  // Beside the data, so that two terminals with their own data may stand on one machine.
  app.setPath('userData', join(dataDir, 'electron'))
  const onceReady = (work: () => unknown) => void app.whenReady().then(work).catch(dieOf)
  if (options.autostart !== undefined) onceReady(() => switchAutostart(options))
  else if (options.storeSecret !== undefined) onceReady(() => storeSecret(dataDir, options.storeSecret as string))
  else if (app.requestSingleInstanceLock()) onceReady(() => run(options, dataDir))
  else fail(['ALREADY_RUNNING: 码桥已在运行，已切换到它的窗口。'], 0)
}

/** A shell that came to nothing would only keep the next one from starting. */
function dieOf(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}

function optionsOrExit(): ShellOptions | undefined {
  try {
    return readShellOptions(process.argv.slice(app.isPackaged ? 1 : 2), { packaged: app.isPackaged })
  } catch (error) {
    fail([(error as Error).message], EXIT_USAGE)
    return undefined
  }
}

async function run({ config, devTools, port }: ShellOptions, dataDir: string): Promise<void> {
  const { secrets, unreadable } = createKeyStore(dataDir, safeStorage).read()
  let terminal: Terminal | undefined
  let leaving = false
  const leave = (): void => {
    if (leaving) return
    leaving = true
    // Scans in flight are finished and reports are on disk before the process ends.
    void (terminal?.stop() ?? Promise.resolve()).finally(() => app.exit(0))
  }
  try {
    terminal = await withSecrets(secrets, () =>
      startTerminal({
        config,
        dataDir,
        screensDir: join(import.meta.dirname, '../renderer'),
        version: app.getVersion(),
        host: 'electron',
        port,
        onLeave: () => leave(),
      }),
    )
  } catch (error) {
    const { lines, exitCode } = explainStart(error)
    return fail(lines, exitCode)
  }
  forgetVariables(config)
  const running = terminal
  origin = new URL(running.ready.ui).origin
  if (unreadable.length > 0) running.log.warn('key-store.unreadable', { names: unreadable.join(',') })

  const screens = session.fromPartition('persist:screens')
  // The system's proxy must never see loopback.
  await screens.setProxy({ mode: 'direct' })
  const window = createWindow({
    mode: running.mode,
    session: screens,
    devTools,
    mayClose: () => leaving,
    closeAsked: () => void askToClose().then((close) => (close ? leave() : window.minimize())),
  })
  const bridge = answerScreens({ window, mode: running.mode, origin })
  readKeys(window.webContents, { onReady: bridge.onKeyboardReady })
  keepAlive({ window, newUrl: running.hosted.newUrl, log: (event, fields) => running.log.warn(event, fields) })
  keepAwake(running.mode)

  app.on('second-instance', () => {
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  })
  app.on('before-quit', (event) => {
    event.preventDefault()
    leave()
  })
  // The system shuts down: it does not wait for a window that will not close.
  window.on('session-end', leave)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, leave)
  process.stdout.write(`${JSON.stringify({ ready: true, ...running.ready, host: 'electron' })}\n`)
}

/** What the settings have taken from the environment is no business of the processes that show the page. */
function forgetVariables(config: string | undefined): void {
  for (const name of [FIRST_PIN, ...(config === undefined ? [] : variablesNamedIn(config))]) delete process.env[name]
}

async function askToClose(): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    title: '码桥 MaQiao',
    message: '退出后，扫码枪和 HIS 都收不到扫码结果。',
    buttons: ['最小化', '退出'],
    defaultId: 0,
    cancelId: 0,
  })
  return response === 1
}

function switchAutostart({ autostart, config, dataDir }: ShellOptions): void {
  const args = [...(config === undefined ? [] : ['--config', config]), ...(dataDir === undefined ? [] : ['--data-dir', dataDir])]
  setAutostart(app, autostart === 'on', args)
  app.exit(0)
}

function storeSecret(dataDir: string, name: string): void {
  try {
    createKeyStore(dataDir, safeStorage).store(name, readFileSync(0, 'utf8').replace(/\r?\n$/, ''))
    app.exit(0)
  } catch (error) {
    fail([(error as Error).message], 1)
  }
}

function fail(lines: readonly string[], exitCode: number): void {
  process.stderr.write(`${lines.join('\n')}\n`)
  app.exit(exitCode)
}
