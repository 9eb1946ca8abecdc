/** Where the keys and secrets of this installation lie, and how well. */
import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { keySource } from '../../outbox/key-file.ts'

export type KeyPlace = {
  where: 'file' | 'systemd' | 'settings' | 'env' | 'key-store'
  place?: string
  sound: boolean
  words: string
  /** Closes a file that other accounts can read. */
  command?: string
}
export type KeyPlaces = { outbox: KeyPlace; secrets: (KeyPlace & { path: string })[]; apiToken: KeyPlace }

/**
 * @param options.secrets every secret as it stands in the settings file
 * @param options.settingsFile none in the demo
 */
export function keyPlaces(options: {
  dataDir: string
  settingsFile: string | undefined
  secrets: readonly { path: string; value: string }[]
  /** Whether the settings hold the API's token. */
  tokenInSettings: boolean
}): KeyPlaces {
  const { dataDir, settingsFile, tokenInSettings } = options
  const inSettings =
    settingsFile === undefined
      ? { sound: true, words: '演示设置，不是真实密钥' }
      : { place: resolve(settingsFile), ...fileWords(resolve(settingsFile), '设置文件中') }
  const placeOf = (value: string): KeyPlace => {
    if (value.startsWith('env:')) {
      if (isInKeyStore(dataDir, value.slice(4)))
        return { where: 'key-store', sound: true, words: '操作系统密钥库（经 Electron safeStorage 加密）' }
      return { where: 'env', sound: true, words: `环境变量 ${value.slice(4)}` }
    }
    if (value.startsWith('file:')) {
      const place = resolve(dirname(settingsFile ?? dataDir), value.slice(5))
      return { where: 'file', place, ...fileWords(place, '单独的文件') }
    }
    return { where: 'settings', ...inSettings }
  }
  const key = resolve(dataDir, 'outbox.key')
  const token = resolve(dataDir, 'api-token')
  return {
    outbox:
      keySource() === 'systemd'
        ? { where: 'systemd', sound: true, words: 'systemd 凭据 maqiao-outbox-key' }
        : { where: 'file', place: key, ...fileWords(key, '数据目录中的密钥文件') },
    secrets: options.secrets.map(({ path, value }) => ({ path, ...placeOf(value) })),
    apiToken: tokenInSettings
      ? { where: 'settings', ...inSettings }
      : { where: 'file', place: token, ...fileWords(token, '数据目录中的令牌文件') },
  }
}

/** Whether the shell keeps a secret of this name, encrypted by the system's key store. */
export function isInKeyStore(dataDir: string, name: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(name) && existsSync(join(dataDir, 'secrets', name))
}

function fileWords(file: string, what: string): { sound: boolean; words: string; command?: string } {
  let mode: number
  try {
    mode = statSync(file).mode
  } catch {
    return { sound: false, words: `${what}：文件不存在或读不到` }
  }
  // Windows keeps rights elsewhere: there the directory's own apply.
  if (process.platform === 'win32') return { sound: true, words: `${what}，随所在目录的权限` }
  const octal = (mode & 0o777).toString(8).padStart(4, '0')
  if ((mode & 0o077) === 0) return { sound: true, words: `${what}，仅本账户可读（${octal}）` }
  const quoted = `'${file.replaceAll("'", "'\\''")}'`
  return { sound: false, words: `${what}，其他账户也能读（${octal}）`, command: `chmod 600 ${quoted}` }
}
