/** The shell's own command line. */
import { parseArgs } from 'node:util'

export type ShellOptions = {
  config?: string
  dataDir?: string
  /** Developer tools may be opened; never in a hospital. */
  devTools: boolean
  /** Switch starting at log-in on or off, and end. */
  autostart?: 'on' | 'off'
  /** Keep what standard input holds in the key store as this environment variable, and end. */
  storeSecret?: string
}

/**
 * Reads the arguments after the program's own; Chromium's switches pass by.
 * Throws where one of ours has a wrong value.
 */
export function readShellOptions(args: readonly string[]): ShellOptions {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      config: { type: 'string' },
      'data-dir': { type: 'string' },
      'dev-tools': { type: 'boolean', default: false },
      autostart: { type: 'string' },
      'store-secret': { type: 'string' },
    },
  })
  const text = (name: 'config' | 'data-dir' | 'autostart' | 'store-secret'): string | undefined => {
    const value = values[name]
    if (value === undefined) return undefined
    if (typeof value !== 'string' || value === '') throw new Error(`--${name} needs a value 缺少参数值`)
    return value
  }
  const autostart = text('autostart')
  if (autostart !== undefined && autostart !== 'on' && autostart !== 'off') throw new Error('--autostart on|off')
  const config = text('config')
  const dataDir = text('data-dir')
  const storeSecret = text('store-secret')
  return {
    devTools: values['dev-tools'] === true,
    ...(config !== undefined && { config }),
    ...(dataDir !== undefined && { dataDir }),
    ...(autostart !== undefined && { autostart }),
    ...(storeSecret !== undefined && { storeSecret }),
  }
}
