/** The command `npm start`: reads its arguments, chooses a host, tells when it is ready, stops on a signal. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SettingsError } from '../agent/settings-file.ts'
import { OutboxError } from '../outbox/outbox.ts'
import { openBrowser, type BrowserHost } from './hosts/browser.ts'
import { chooseHost, HOSTS, type Host } from './hosts/choose.ts'
import { runElectron } from './hosts/electron.ts'
import { startTerminal, type Terminal } from './terminal.ts'

/** sysexits.h: EX_CONFIG, EX_USAGE; 1 for the rest. */
const EXIT_CONFIG = 78
const EXIT_USAGE = 64

const USAGE = `用法：npm start -- [--config 设置文件] [--data-dir 目录] [--host electron|browser|none]
不带 --config 时运行演示：模拟平台、虚拟扫码枪、窗口界面。
`

await main()

async function main(): Promise<void> {
  const options = arguments_()
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n${USAGE}`)
    process.exit(EXIT_USAGE)
  }
  const { host, why } = chooseHost({ wanted: options.host })
  if (host === 'electron') {
    // The shell runs the same terminal in its own process and prints the readiness line itself.
    process.exit(await runElectron({ config: options.config, dataDir: options.dataDir }))
  }
  const root = rootDir()
  let terminal: Terminal
  try {
    terminal = await startTerminal({
      config: options.config,
      dataDir: options.dataDir,
      screensDir: join(root, 'out/renderer'),
      version: versionOf(root),
      host,
    })
  } catch (error) {
    explain(error)
    process.exit(error instanceof SettingsError ? EXIT_CONFIG : 1)
  }
  let browser: BrowserHost | undefined
  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    await browser?.close()
    await terminal.stop()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop())

  terminal.log.info('host.chosen', { host, why })
  process.stdout.write(`${JSON.stringify({ ready: true, ...terminal.ready, host })}\n`)
  if (host === 'browser') {
    browser = openBrowser({
      url: () => terminal.newUiUrl(),
      kiosk: terminal.mode === 'kiosk',
      profileDir: join(terminal.dataDir, 'browser'),
      log: (event, fields) => terminal.log.info(event, fields),
    })
  }
}

function arguments_(): { config?: string; dataDir?: string; host?: Host } | string {
  try {
    const { values } = parseArgs({
      options: { config: { type: 'string' }, 'data-dir': { type: 'string' }, host: { type: 'string' } },
      strict: true,
    })
    const host = values.host
    if (host !== undefined && !(HOSTS as readonly string[]).includes(host)) return `--host ${host}：只能是 ${HOSTS.join('、')}`
    return {
      ...(values.config === undefined ? {} : { config: values.config }),
      ...(values['data-dir'] === undefined ? {} : { dataDir: values['data-dir'] }),
      ...(host === undefined ? {} : { host: host as Host }),
    }
  } catch (error) {
    return (error as Error).message
  }
}

/** One line for each fault; a value from the settings is never repeated. */
function explain(error: unknown): void {
  if (error instanceof SettingsError) {
    for (const { path, reason } of error.faults) process.stderr.write(`${path}: ${reason}\n`)
    process.stderr.write(`设置有 ${error.faults.length} 处问题，码桥没有启动；请逐项改正（required 表示必填）。\n`)
    return
  }
  if (error instanceof OutboxError) {
    process.stderr.write(`${error.code}: ${error.message}。${error.advice}\n`)
    return
  }
  const { code, message } = error as NodeJS.ErrnoException
  process.stderr.write(`${STARTUP_FAULTS[code ?? ''] ?? `START_FAILED: 码桥没有启动（${code ?? message}）。请把这一行交给信息科。`}\n`)
}

const STARTUP_FAULTS: Record<string, string> = {
  EADDRINUSE: 'PORT_IN_USE: 本地接口的端口已被占用。请关闭另一个码桥，或在设置 api.port 中换一个端口。',
  EADDRNOTAVAIL: 'HOST_NOT_AVAILABLE: 本机没有设置 api.host 中的地址。请改为 127.0.0.1。',
  EACCES: 'DATA_DIR_NOT_WRITABLE: 数据目录不能写入。请检查权限，或用 --data-dir 指定别的目录。',
  EPERM: 'DATA_DIR_NOT_WRITABLE: 数据目录不能写入。请检查权限，或用 --data-dir 指定别的目录。',
  EROFS: 'DATA_DIR_NOT_WRITABLE: 数据目录所在磁盘是只读的。请用 --data-dir 指定别的目录。',
  ENOTDIR: 'DATA_DIR_NOT_WRITABLE: 数据目录的路径上有一个文件。请用 --data-dir 指定别的目录。',
  EEXIST: 'DATA_DIR_NOT_WRITABLE: 数据目录的名字已是一个文件。请用 --data-dir 指定别的目录。',
  ENOSPC: 'DISK_FULL: 磁盘已满，码桥没有启动。请清理磁盘。',
}

/** Where package.json and out/ are: above this file in the sources and in the build alike. */
function rootDir(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '../..')
}

function versionOf(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
}
