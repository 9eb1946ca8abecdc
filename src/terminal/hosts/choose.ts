/** Which program shows the screens, and why. */
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const HOSTS = ['electron', 'browser', 'none'] as const
export type Host = (typeof HOSTS)[number]

/** Why a host cannot be had: code -> what it means and what to do. */
const HOST_FAULTS = {
  HOST_ELECTRON_MISSING: '没有安装 Electron 程序。请运行 npm run electron 下载，或改用 --host browser。',
  HOST_BROWSER_MISSING: '没有找到 Chromium、Chrome 或 Edge。请安装其中之一，或用环境变量 CHROME_PATH 指定它的路径。',
  HOST_NO_DISPLAY: '本机没有图形界面（DISPLAY、WAYLAND_DISPLAY 均未设置）。请在桌面会话中启动，或改用 --host none。',
} as const
export type HostFaultCode = keyof typeof HOST_FAULTS

/** A host was asked for by name and cannot be had. */
export class HostError extends Error {
  override readonly name = 'HostError'
  readonly code: HostFaultCode
  constructor(code: HostFaultCode) {
    super(HOST_FAULTS[code])
    this.code = code
  }
}

/** What the choice looks at; a test gives its own. */
export type Surroundings = {
  env: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  /** Chromium refuses to start as root. */
  isRoot: boolean
  exists(file: string): boolean
  electron(): string | undefined
}

export type HostChoice = { readonly host: Host; readonly why: string }

/** Takes what was asked for, else Electron, a browser or none, whichever can be had first. Throws HostError. */
export function chooseHost({ wanted, around = here() }: { wanted?: Host | undefined; around?: Surroundings }): HostChoice {
  if (wanted === 'none') return { host: 'none', why: '按要求不显示界面 asked for' }
  const electron = around.electron()
  const browser = findBrowser(around)
  const display = hasDisplay(around)
  if (wanted === 'electron' && electron === undefined) throw new HostError('HOST_ELECTRON_MISSING')
  if (wanted === 'browser' && browser === undefined) throw new HostError('HOST_BROWSER_MISSING')
  if (wanted !== undefined && !display) throw new HostError('HOST_NO_DISPLAY')
  if (wanted !== undefined) return { host: wanted, why: '按要求选择 asked for' }
  if (!display) return { host: 'none', why: '本机没有图形界面 no display' }
  if (around.isRoot) return { host: 'none', why: 'root 账户不能运行 Chromium，请用普通账户启动 running as root' }
  if (electron !== undefined) return { host: 'electron', why: `已安装 Electron is installed: ${electron}` }
  if (browser !== undefined) return { host: 'browser', why: `没有 Electron，找到浏览器 no Electron, found: ${browser}` }
  return { host: 'none', why: '没有 Electron，也没有 Chromium、Chrome 或 Edge no Electron and no browser' }
}

/** The Chromium, Chrome or Edge to show the screens in: CHROME_PATH, else the usual places. */
export function findBrowser(around: Surroundings = here()): string | undefined {
  const configured = around.env['CHROME_PATH']
  if (configured) return around.exists(configured) ? configured : undefined
  return browserPaths(around).find((path) => around.exists(path))
}

/** Electron's binary where its own installer has put it; the package itself is never loaded, since that starts a download. */
export function findElectron(root = rootDir()): string | undefined {
  const home = join(root, 'node_modules/electron')
  try {
    const binary = join(home, 'dist', readFileSync(join(home, 'path.txt'), 'utf8').trim())
    return existsSync(binary) ? binary : undefined
  } catch {
    return undefined
  }
}

/** Where package.json and node_modules are: the sources lie one folder deeper than what is built of them. */
export function rootDir(): string {
  const above = [2, 3].map((levels) => join(dirname(fileURLToPath(import.meta.url)), '../'.repeat(levels)))
  return above.find((directory) => existsSync(join(directory, 'package.json'))) ?? (above[0] as string)
}

function here(): Surroundings {
  return {
    env: process.env,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    exists: existsSync,
    electron: () => findElectron(),
  }
}

function hasDisplay({ env, platform }: Surroundings): boolean {
  return platform === 'win32' || platform === 'darwin' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'])
}

const WINDOWS_BROWSERS = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe', 'Chromium\\Application\\chrome.exe']
const LINUX_BROWSERS = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'microsoft-edge-stable', 'microsoft-edge']

function browserPaths({ env, platform }: Surroundings): string[] {
  if (platform === 'win32') {
    const homes = [env['ProgramFiles'], env['ProgramFiles(x86)'], env['LOCALAPPDATA']].filter((home) => home !== undefined)
    return WINDOWS_BROWSERS.flatMap((browser) => homes.map((home) => `${home}\\${browser}`))
  }
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/snap/bin'].filter(Boolean)
  return LINUX_BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name)))
}
