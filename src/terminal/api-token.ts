/** The HIS's token where the settings name none: made at the first start, kept in the data directory. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileDurably } from '../agent/durable-file.ts'

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
  return renewApiToken(dataDir).token
}

/** Replaces the token; whoever holds the one before is out as soon as the server knows the new one. */
export function renewApiToken(dataDir: string): { token: string; file: string } {
  const file = join(dataDir, TOKEN_FILE)
  const token = randomBytes(24).toString('base64url')
  writeFileDurably(file, `${token}\n`, 0o600)
  return { token, file }
}
