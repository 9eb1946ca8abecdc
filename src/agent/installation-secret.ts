/** A secret that outlives a rotation of the installation's key: chains and digests that must stay comparable hang on it. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contentAt } from '../outbox/files-in-place.ts'
import { OutboxError, type KeptFile, type Sealer } from '../outbox/outbox.ts'
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

/** What this process last read from each secret's file or wrote to it, and which file it was. */
const lastKnown = new Map<string, { at: string | undefined; text: string }>()

/** The file of a directory while a terminal runs: written again from memory where it was removed or replaced. */
export function installationSecretKept(directory: string): KeptFile {
  const file = join(directory, FILE)
  return {
    inPlace() {
      const last = lastKnown.get(file)
      if (!last) return true
      const at = contentAt(file)
      if (at === last.at) return true
      const isSame = at !== undefined && readFileSync(file, 'utf8') === last.text
      if (isSame) last.at = at
      return isSame
    },
    restore: () => write(directory, lastKnown.get(file)!.text),
  }
}

function read(directory: string, sealer: Sealer): Uint8Array | undefined {
  const file = join(directory, FILE)
  if (!existsSync(file)) return undefined
  try {
    const text = readFileSync(file, 'utf8')
    const secret = sealer.open(Buffer.from(text, 'base64'), BOUND)
    lastKnown.set(file, { at: contentAt(file), text })
    return secret
  } catch {
    throw new OutboxError('OUTBOX_KEY', FILE)
  }
}

function keep(directory: string, sealer: Sealer, secret: Uint8Array): (text: string) => string {
  write(directory, Buffer.from(sealer.seal(secret, BOUND)).toString('base64'))
  return createSealer(secret).digest
}

function write(directory: string, text: string): void {
  const file = join(directory, FILE)
  writeFileDurably(file, text, 0o600)
  lastKnown.set(file, { at: contentAt(file), text })
}
