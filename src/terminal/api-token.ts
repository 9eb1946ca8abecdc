/** The HIS's token where the settings name none: made at the first start, kept in the data directory. */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export const TOKEN_FILE = 'api-token'

/** Reads `api-token` (mode 0600) in the data directory, or makes it. */
export function apiToken(dataDir: string): string {
  const file = join(dataDir, TOKEN_FILE)
  try {
    const token = readFileSync(file, 'utf8').trim()
    if (token.length >= 16) return token
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const token = randomBytes(24).toString('base64url')
  const handle = openSync(file, 'w', 0o600)
  try {
    writeSync(handle, `${token}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  return token
}
