/** The command `npm start`: reads its arguments, chooses a host, tells when it is ready, stops on a signal. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { variablesNamedIn } from '../agent/settings-file.ts'
import { forbidCoreDumps } from './core-dumps.ts'
import { explainStart } from './explain-start.ts'
import { keepLastWordsShort } from './last-words.ts'
import { openBrowser, type BrowserHost } from './hosts/browser.ts'
import { chooseHost, HostError, HOSTS, rootDir, type Host, type HostChoice } from './hosts/choose.ts'
import { runElectron } from './hosts/electron.ts'
import { FIRST_PIN, startTerminal, type Terminal } from './terminal.ts'

/** sysexits.h: EX_USAGE. */
const EXIT_USAGE = 64

const USAGE = `用法：npm start -- [--config 设置文件] [--data-dir 目录] [--host electron|browser|none] [--port N]
不带 --config 时运行演示：模拟平台、虚拟扫码枪、窗口界面。
`

await main()

async function main(): Promise<void> {
  keepLastWordsShort()
  closeToDebuggers()
  const noCoreDumps = forbidCoreDumps()
  const options = arguments_()
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n${USAGE}`)
    process.exit(EXIT_USAGE)
  }
  const { host, why } = hostOrExit(options.host)
  if (host === 'electron') {
    // The shell runs the same terminal in its own process and prints the readiness line itself.
    process.exit(await runElectron({ config: options.config, dataDir: options.dataDir, port: options.port }))
  }
  const root = rootDir()
  let terminal: Terminal | undefined
  let browser: BrowserHost | undefined
  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    // At the same time: a browser that hangs must not keep scans in flight from their 5 s.
    await Promise.all([browser?.close(), terminal?.stop()])
    process.exit(0)
  }
  try {
    terminal = await startTerminal({
      config: options.config,
      dataDir: options.dataDir,
      screensDir: join(root, 'out/renderer'),
      version: versionOf(root),
      host,
      port: options.port,
      onLeave: host === 'browser' ? () => void stop() : undefined,
    })
  } catch (error) {
    const { lines, exitCode } = explainStart(error)
    process.stderr.write(`${lines.join('\n')}\n`)
    process.exit(exitCode)
  }
  const running = terminal
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop())

  running.log.info('host.chosen', { host, why })
  if (!noCoreDumps) running.log.warn('core-dumps.possible', { platform: process.platform })
  process.stdout.write(`${JSON.stringify({ ready: true, ...running.ready, host })}\n`)
  if (host === 'browser') {
    browser = openBrowser({
      url: running.hosted.newUrl,
      onEnded: running.hosted.endRun,
      kiosk: running.mode === 'kiosk',
      profileDir: join(running.dataDir, 'browser'),
      env: environmentWithoutSecrets(options.config),
      log: (event, fields) => running.log.info(event, fields),
    })
  }
}

/** A signal would open Node's inspector to every program of this machine; a diagnostic report would list the environment. */
function closeToDebuggers(): void {
  if (process.platform !== 'win32') process.on('SIGUSR1', () => {})
  process.report.excludeEnv = true
}

/** Secrets that the settings take from the environment are no business of a browser. */
function environmentWithoutSecrets(config: string | undefined): NodeJS.ProcessEnv {
  const secret = new Set([FIRST_PIN, ...(config === undefined ? [] : variablesNamedIn(config))])
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !secret.has(name)))
}

function arguments_(): { port?: number; config?: string; dataDir?: string; host?: Host } | string {
  try {
    const { values } = parseArgs({
      options: { config: { type: 'string' }, 'data-dir': { type: 'string' }, host: { type: 'string' }, port: { type: 'string' } },
      strict: true,
    })
    const host = values.host
    if (host !== undefined && !(HOSTS as readonly string[]).includes(host)) return `--host ${host}：只能是 ${HOSTS.join('、')}`
    if (values.port !== undefined && (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65535)) return `--port ${values.port}：0–65535`
    return {
      ...(values.port === undefined ? {} : { port: Number(values.port) }),
      ...(values.config === undefined ? {} : { config: values.config }),
      ...(values['data-dir'] === undefined ? {} : { dataDir: values['data-dir'] }),
      ...(host === undefined ? {} : { host: host as Host }),
    }
  } catch (error) {
    return (error as Error).message
  }
}

function hostOrExit(wanted: Host | undefined): HostChoice {
  try {
    return chooseHost({ wanted })
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    process.stderr.write(`${error.code}: ${error.message}\n`)
    process.exit(1)
  }
}

function versionOf(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
}
