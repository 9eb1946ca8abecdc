/** Dead and unproven reports as one sealed file, to be carried to whoever can see to them. */
import { randomBytes, scrypt } from 'node:crypto'
import { createSealer } from './sealer.ts'

const MAGIC = 'MAQIAO-DEAD-1\n'
const SALT_BYTES = 16
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

export type EndedReport = {
  id: string
  kind: string
  state: 'dead' | 'unproven'
  createdAt: string
  attempts: number
  lastError: { code: string; message: string } | null
  /** Null where it is damaged. */
  payload: Record<string, unknown> | null
}

/** Seals reports under a passphrase (scrypt, SM4, HMAC-SM3). Rejects with RangeError below 8 characters. */
export async function sealDeadExport(reports: readonly EndedReport[], passphrase: string): Promise<Uint8Array> {
  if ([...passphrase].length < 8) throw new RangeError('口令至少 8 个字符')
  const salt = randomBytes(SALT_BYTES)
  const sealer = createSealer(await keyOf(passphrase, salt))
  return Buffer.concat([Buffer.from(MAGIC), salt, sealer.seal(Buffer.from(JSON.stringify(reports)), MAGIC)])
}

/** Opens an export. Rejects where the passphrase or the file is wrong. */
export async function openDeadExport(file: Uint8Array, passphrase: string): Promise<EndedReport[]> {
  const bytes = Buffer.from(file)
  const start = MAGIC.length + SALT_BYTES
  if (bytes.length <= start || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('not an export of dead reports')
  const sealer = createSealer(await keyOf(passphrase, bytes.subarray(MAGIC.length, start)))
  return JSON.parse(Buffer.from(sealer.open(bytes.subarray(start), MAGIC)).toString('utf8')) as EndedReport[]
}

function keyOf(passphrase: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, COST, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
