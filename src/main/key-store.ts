/** Secrets in the operating system's key store, which settings name as `env:NAME`. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SafeStorage } from 'electron'
import { writeFileDurably } from '../agent/durable-file.ts'

/**
 * Kept one file each, encrypted, in `<dataDir>/secrets`. They stand in for
 * environment variables, so that the same settings file works in the hosts that
 * have no key store. The outbox's key is not among them: it must open in every host.
 */
export function createKeyStore(dataDir: string, safeStorage: SafeStorage, platform: NodeJS.Platform = process.platform) {
  const directory = join(dataDir, 'secrets')
  return {
    /** Whether the system has a key store that protects: `basic_text` on Linux does not. */
    isAvailable(): boolean {
      return safeStorage.isEncryptionAvailable() && (platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text')
    },
    /** Keeps a secret under the name of an environment variable. Throws where there is no key store or the name is none. */
    store(name: string, secret: string): void {
      if (!isName(name)) throw new Error('the name must be of A-Z, 0-9 and _ 名称只能用大写字母、数字和下划线')
      if (!this.isAvailable()) throw new Error('this system has no key store that protects: use file: or env: 本机没有可用的系统密钥库，请改用 file: 或 env:')
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      writeFileDurably(join(directory, name), safeStorage.encryptString(secret), 0o600)
    },
    /** All that can be read; `unreadable` names the others (another user's or machine's). */
    read(): { secrets: Record<string, string>; unreadable: string[] } {
      const secrets: Record<string, string> = {}
      const unreadable: string[] = []
      for (const name of names(directory)) {
        try {
          secrets[name] = safeStorage.decryptString(readFileSync(join(directory, name)))
        } catch {
          unreadable.push(name)
        }
      }
      return { secrets, unreadable }
    },
  }
}

/** Runs `work` with the secrets in the environment, and takes them out again: child processes must not inherit them. */
export async function withSecrets<T>(secrets: Record<string, string>, work: () => Promise<T>, env = process.env): Promise<T> {
  const added = Object.keys(secrets).filter((name) => env[name] === undefined)
  for (const name of added) env[name] = secrets[name]
  try {
    return await work()
  } finally {
    for (const name of added) delete env[name]
  }
}

function isName(name: string): boolean {
  return /^[A-Z][A-Z0-9_]{0,63}$/.test(name)
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory).filter(isName)
  } catch {
    return []
  }
}
