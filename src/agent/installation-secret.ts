/** A secret that outlives a rotation of the installation's key: chains and digests that must stay comparable hang on it. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OutboxError, type Sealer } from '../outbox/outbox.ts'
import { createSealer } from '../outbox/sealer.ts'
import { writeFileDurably } from './durable-file.ts'

const FILE = 'installation.secret'
const BOUND = 'installation secret'

/** Makes the keyed digest of a data directory; its secret is made, sealed, at the first call. Throws OUTBOX_KEY. */
export function installationDigest(directory: string, sealer: Sealer): (text: string) => string {
  return readInstallationDigest(directory, sealer) ?? keep(directory, sealer, randomBytes(32))
}

/** The same without making anything: undefined where there is no secret yet. */
export function readInstallationDigest(directory: string, sealer: Sealer): ((text: string) => string) | undefined {
  const secret = read(directory, sealer)
  return secret && createSealer(secret).digest
}

/** Seals the secret under the sealer's newest key. */
export function resealInstallationSecret(directory: string, sealer: Sealer): void {
  const secret = read(directory, sealer)
  if (secret) keep(directory, sealer, secret)
}

function read(directory: string, sealer: Sealer): Uint8Array | undefined {
  const file = join(directory, FILE)
  if (!existsSync(file)) return undefined
  try {
    return sealer.open(Buffer.from(readFileSync(file, 'utf8'), 'base64'), BOUND)
  } catch {
    throw new OutboxError('OUTBOX_KEY', FILE)
  }
}

function keep(directory: string, sealer: Sealer, secret: Uint8Array): (text: string) => string {
  writeFileDurably(join(directory, FILE), Buffer.from(sealer.seal(secret, BOUND)).toString('base64'), 0o600)
  return createSealer(secret).digest
}
