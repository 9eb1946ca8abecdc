/** The shell's own command line. */
import { parseArgs } from 'node:util'

export type ShellOptions = {
  config?: string
  dataDir?: string
  /** Instead of the settings' port. */
  port?: number
  /** Developer tools may be opened; a packaged program refuses it. */
  devTools: boolean
  /** Switch starting at log-in on or off, and end. */
  autostart?: 'on' | 'off'
  /** Keep what standard input holds in the key store as this environment variable, and end. */
  storeSecret?: string
}

/**
 * Reads the arguments after the program's own. Throws if one of ours has a wrong value.
 * @param options.packaged a hospital's installation: Chromium's own switches are refused too, since one changed shortcut
 *   (`--remote-debugging-port`, `--proxy-server`) would let every program of this machine drive the page
 */
export function readShellOptions(args: readonly string[], { packaged, platform = process.platform }: { packaged: boolean; platform?: NodeJS.Platform }): ShellOptions {
  if (packaged) refuseSwitches(args, platform)
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      config: { type: 'string' },
      'data-dir': { type: 'string' },
      port: { type: 'string' },
      'dev-tools': { type: 'boolean', default: false },
      autostart: { type: 'string' },
      'store-secret': { type: 'string' },
    },
  })
  const text = (name: 'config' | 'data-dir' | 'port' | 'autostart' | 'store-secret'): string | undefined => {
    const value = values[name]
    if (value === undefined) return undefined
    if (typeof value !== 'string' || value === '') throw new Error(`--${name} needs a value 缺少参数值`)
    return value
  }
  const autostart = text('autostart')
  if (autostart !== undefined && autostart !== 'on' && autostart !== 'off') throw new Error('--autostart on|off')
  const port = text('port')
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65535)) throw new Error('--port 0–65535 端口不对')
  const config = text('config')
  const dataDir = text('data-dir')
  const storeSecret = text('store-secret')
  return {
    devTools: values['dev-tools'] === true,
    ...(port !== undefined && { port: Number(port) }),
    ...(config !== undefined && { config }),
    ...(dataDir !== undefined && { dataDir }),
    ...(autostart !== undefined && { autostart }),
    ...(storeSecret !== undefined && { storeSecret }),
  }
}

const OWN = ['config', 'data-dir', 'port', 'autostart', 'store-secret']

/** Every argument must be one of ours, or the value of one. Chromium takes `-name` for a switch, and `/name` on Windows. */
function refuseSwitches(args: readonly string[], platform: NodeJS.Platform): void {
  const isSwitch = (text: string): boolean => text.startsWith('-') || (platform === 'win32' && text.startsWith('/'))
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] as string
    const [, name = '', value] = /^--([^=]*)(?:=([^]*))?$/.exec(argument) ?? []
    if (!OWN.includes(name)) throw new Error(`${argument.split('=')[0]}: not allowed 安装好的码桥不接受这个参数，请改正快捷方式或自启动项`)
    if (value !== undefined) continue
    at += 1
    if (args[at] === undefined || isSwitch(args[at] as string)) throw new Error(`--${name} needs a value 缺少参数值`)
  }
}
