/** A secret of the installation that is made at the first start and kept in a file of the data directory, mode 0600. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { writeFileDurably } from '../agent/durable-file.ts'
import { SettingsError } from '../agent/settings-file.ts'
import { NO_TEXT, readTextFile } from '../agent/text-file.ts'

/** Where the settings name no token for the HIS. */
export const TOKEN_FILE = 'api-token'
/** Signs the sessions of screens: deleting it and starting anew ends them all. */
export const SESSION_KEY_FILE = 'session.key'

const SHORTEST = 16

/** Reads the secret, or makes it where there is none of 16 characters at least. Throws where the file cannot be read, SettingsError where it is no text. */
export function keptSecret(dataDir: string, name: string): string {
  const file = join(dataDir, name)
  try {
    const secret = readTextFile(file)?.trim()
    if (secret === undefined) throw new SettingsError([{ path: file, reason: NO_TEXT }])
    if (secret.length >= SHORTEST) return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return renewSecret(dataDir, name).secret
}

/** Replaces the secret: 24 random bytes in base64url. */
export function renewSecret(dataDir: string, name: string): { secret: string; file: string } {
  const file = join(dataDir, name)
  const secret = randomBytes(24).toString('base64url')
  writeFileDurably(file, `${secret}\n`, 0o600)
  return { secret, file }
}
