/** Where the keys and secrets of this installation lie, and how well. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { keySource } from '../../outbox/key-file.ts'
import { rightsOf, type System } from '../file-rights.ts'

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
export async function keyPlaces(options: {
  dataDir: string
  settingsFile: string | undefined
  secrets: readonly { path: string; value: string }[]
  /** Whether the settings hold the API's token. */
  tokenInSettings: boolean
  system?: System
}): Promise<KeyPlaces> {
  const { dataDir, settingsFile, tokenInSettings, system } = options
  const looked = new Map<string, ReturnType<typeof rightsOf>>()
  const fileWords = async (file: string, what: string): Promise<{ sound: boolean; words: string; command?: string }> => {
    if (!looked.has(file)) looked.set(file, rightsOf(file, system))
    const { state, words, command } = (await looked.get(file)) as Awaited<ReturnType<typeof rightsOf>>
    const said = `${what}${state === 'unknown' ? '：' : '，'}${words}`
    return { sound: state === 'closed', words: said, ...(command !== undefined && { command }) }
  }
  const inSettings =
    settingsFile === undefined
      ? { sound: true, words: '演示设置，不是真实密钥' }
      : { place: resolve(settingsFile), ...(await fileWords(resolve(settingsFile), '设置文件中')) }
  const placeOf = async (value: string): Promise<KeyPlace> => {
    if (value.startsWith('env:')) {
      if (isInKeyStore(dataDir, value.slice(4)))
        return { where: 'key-store', sound: true, words: '操作系统密钥库（经 Electron safeStorage 加密）' }
      return { where: 'env', sound: true, words: `环境变量 ${value.slice(4)}` }
    }
    if (value.startsWith('file:')) {
      const place = resolve(dirname(settingsFile ?? dataDir), value.slice(5))
      return { where: 'file', place, ...(await fileWords(place, '单独的文件')) }
    }
    return { where: 'settings', ...inSettings }
  }
  const key = resolve(dataDir, 'outbox.key')
  const token = resolve(dataDir, 'api-token')
  return {
    outbox:
      keySource() === 'systemd'
        ? { where: 'systemd', sound: true, words: 'systemd 凭据 maqiao-outbox-key' }
        : { where: 'file', place: key, ...(await fileWords(key, '数据目录中的密钥文件')) },
    secrets: await Promise.all(options.secrets.map(async ({ path, value }) => ({ path, ...(await placeOf(value)) }))),
    apiToken: tokenInSettings
      ? { where: 'settings', ...inSettings }
      : { where: 'file', place: token, ...(await fileWords(token, '数据目录中的令牌文件')) },
  }
}

/** Whether the shell keeps a secret of this name, encrypted by the system's key store. */
export function isInKeyStore(dataDir: string, name: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(name) && existsSync(join(dataDir, 'secrets', name))
}
