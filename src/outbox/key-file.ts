/** The installation's key: systemd's credential, or a 0600 file beside the databases that are sealed under it. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { contentAt } from './files-in-place.ts'
import { OutboxError, type KeptFile, type Sealer } from './outbox.ts'
import { createSealer } from './sealer.ts'
import { syncDirectory } from './sync-directory.ts'

const FILE = 'outbox.key'
const CREDENTIAL = 'maqiao-outbox-key'

/**
 * The newest key (32 bytes) of a data directory, made at the first call and on
 * disk when this returns. `$CREDENTIALS_DIRECTORY/maqiao-outbox-key` (32 bytes
 * or 64 hex digits) goes before the file. Throws OUTBOX_KEY where there are
 * databases but no key, or the key cannot be read as one.
 */
export function loadKey(directory: string): Uint8Array {
  return allKeys(directory)[0]!
}

/** Keys that a rotation has replaced and that may still be needed to open what was sealed before. */
export function loadOlderKeys(directory: string): Uint8Array[] {
  return allKeys(directory).slice(1)
}

/** Seals under the newest key, opens under each. */
export function loadSealer(directory: string): Sealer {
  const [newest, ...older] = allKeys(directory)
  return createSealer(newest!, older)
}

/** Where the newest key is kept, for the diagnostic screen. */
export function keySource(): 'systemd' | 'file' {
  return credentialFile() === undefined ? 'file' : 'systemd'
}

/**
 * Makes a new key and keeps the older ones behind it; the outbox's `rekey` with
 * `loadSealer(directory)` then seals what waits anew. Throws OUTBOX_KEY where
 * the key comes from systemd: the credential is exchanged there.
 */
export function rotateKey(directory: string): void {
  if (credentialFile() !== undefined) throw new OutboxError('OUTBOX_KEY', '密钥由 systemd 提供，请在那里更换')
  replaceKeys(directory, [randomBytes(32), ...allKeys(directory)])
}

/** Forgets the older keys: only when nothing is sealed under them any more. */
export function retireOlderKeys(directory: string): void {
  if (credentialFile() === undefined) replaceKeys(directory, allKeys(directory).slice(0, 1))
  else rmSync(join(directory, FILE), { force: true })
}

/** What this process last read from each key file or wrote to it, and which file it was. */
const lastKnown = new Map<string, { at: string | undefined; keys: readonly Buffer[] }>()

/** The key file of a directory while a terminal runs: keys that memory holds are written again where the file was removed or replaced. */
export function keyFileKept(directory: string): KeptFile {
  const file = join(directory, FILE)
  return {
    inPlace() {
      const last = lastKnown.get(file)
      if (!last) return true
      const at = contentAt(file)
      if (at === last.at) return true
      const isSame = at !== undefined && sameKeys(theirs(), last.keys)
      if (isSame) last.at = at
      return isSame
    },
    restore() {
      const ours = lastKnown.get(file)!.keys
      const found = theirs()
      if (!found && existsSync(file)) renameSync(file, `${file}.replaced-${Date.now()}`)
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      // Keys of the file in its place come behind: something may be sealed under them.
      replaceKeys(directory, [...ours, ...(found ?? []).filter((key) => !ours.some((each) => each.equals(key)))])
    },
  }

  function theirs(): Buffer[] | undefined {
    try {
      return fileKeys(directory)
    } catch {
      return undefined // it holds no keys
    }
  }
}

function sameKeys(some: readonly Buffer[] | undefined, others: readonly Buffer[]): boolean {
  return some?.length === others.length && some.every((key, index) => key.equals(others[index]!))
}

function known(directory: string, keys: Buffer[]): Buffer[] {
  const file = join(directory, FILE)
  lastKnown.set(file, { at: contentAt(file), keys })
  return keys
}

function allKeys(directory: string): Buffer[] {
  const credential = credentialFile()
  if (credential === undefined) return known(directory, fileKeys(directory) ?? makeKey(directory))
  const bytes = readFileSync(credential)
  const key = bytes.length === 32 ? bytes : parseKeys(bytes.toString('latin1'))[0]!
  return [key, ...(fileKeys(directory) ?? [])]
}

function credentialFile(): string | undefined {
  const directory = process.env['CREDENTIALS_DIRECTORY']
  const file = directory && join(directory, CREDENTIAL)
  return file && existsSync(file) ? file : undefined
}

function fileKeys(directory: string): Buffer[] | undefined {
  const file = join(directory, FILE)
  let text: string
  try {
    text = readFileSync(file, 'latin1')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new OutboxError('OUTBOX_KEY', code)
  }
  const keys = parseKeys(text)
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
  return keys
}

function parseKeys(text: string): Buffer[] {
  const lines = text.trim().split(/\s+/)
  if (!lines.every((line) => /^[0-9a-f]{64}$/i.test(line))) throw new OutboxError('OUTBOX_KEY', '密钥文件内容不完整')
  return lines.map((line) => Buffer.from(line, 'hex'))
}

function makeKey(directory: string): Buffer[] {
  const orphan = readdirSync(directory).find((name) => name.endsWith('.db') && statSync(join(directory, name)).size > 0)
  if (orphan !== undefined) throw new OutboxError('OUTBOX_KEY', `有数据库 ${orphan} 而没有密钥文件 ${FILE}`)
  const key = randomBytes(32)
  const file = join(directory, FILE)
  const temporary = writeTemporary(directory, [key])
  try {
    // A link, unlike a rename, never takes the place of a key that another process has just made.
    linkSync(temporary, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return fileKeys(directory)!
    // A file system without links.
    renameSync(temporary, file)
  } finally {
    rmSync(temporary, { force: true })
  }
  syncDirectory(directory)
  return [key]
}

function replaceKeys(directory: string, keys: Buffer[]): void {
  renameSync(writeTemporary(directory, keys), join(directory, FILE))
  syncDirectory(directory)
  known(directory, keys)
}

function writeTemporary(directory: string, keys: readonly Uint8Array[]): string {
  const file = join(directory, `${FILE}.${process.pid}.${randomBytes(4).toString('hex')}`)
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    writeSync(descriptor, keys.map((key) => `${Buffer.from(key).toString('hex')}\n`).join(''))
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return file
}
