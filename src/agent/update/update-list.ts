/** What a hospital's file server offers: a short list of packages, signed by whoever made them. */
import { createPublicKey, verify } from 'node:crypto'

/** The list, and its signature beside it (ECDSA P-256 over SHA-256, DER, base64). */
export const LIST_NAME = 'maqiao-update.txt'
export const SIGNATURE_NAME = `${LIST_NAME}.sig`
const FIRST_LINE = 'maqiao-update 1'

export type UpdatePackage = { system: string; kind: string; name: string; bytes: number; sha512: string }
/** `date` of signing and `expires`, its last day: YYYY-MM-DD, in UTC. */
export type UpdateList = { version: string; date: string; expires: string; notes: string[]; packages: UpdatePackage[] }
/** What tells an older list from a newer one. */
export type SeenList = Pick<UpdateList, 'version' | 'date'>

/** How long a list holds that names no last day. */
const HOLDS_MS = 180 * 86_400_000
/** No package is larger, bytes. */
const MAX_PACKAGE_BYTES = 1024 ** 3

/** Whether the list is from the holder of the key; `publicKey` is its SPKI in base64, as the settings hold it. */
export function isSigned(list: Uint8Array, signature: string, publicKey: string): boolean {
  try {
    return verify('sha256', list, keyOf(publicKey), Buffer.from(signature.trim(), 'base64'))
  } catch {
    return false
  }
}

/** Throws where this is no P-256 public key. */
export function keyOf(publicKey: string): ReturnType<typeof createPublicKey> {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new TypeError('not a P-256 key')
  return key
}

/** Reads the list; undefined where it is none. Lines of a kind that is not known are passed over. */
export function readUpdateList(text: string): UpdateList | undefined {
  const lines = text.split(/\r?\n/)
  if (lines[0] !== FIRST_LINE) return undefined
  const after = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1).trim())
  const [version] = after('version')
  if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version)) return undefined
  const [date] = after('date')
  if (!isDay(date)) return undefined
  const [expires = dayOf(Date.parse(date) + HOLDS_MS)] = after('expires')
  if (!isDay(expires)) return undefined
  const packages = after('package').map((line) => line.split(' '))
  if (!packages.every(([system, kind, name, bytes, sha512]) => system && kind && isPlainName(name) && isSize(bytes) && sha512)) return undefined
  return {
    version,
    date,
    expires,
    notes: after('note'),
    packages: packages.map(([system, kind, name, bytes, sha512]) => ({ system: system!, kind: kind!, name: name!, bytes: Number(bytes), sha512: sha512! })),
  }
}

function isDay(text: string | undefined): text is string {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
}

function isSize(bytes: string | undefined): boolean {
  return /^[1-9]\d{0,9}$/.test(bytes ?? '') && Number(bytes) <= MAX_PACKAGE_BYTES
}

/** The day of a moment (ms since 1970) in UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** Whether a list was signed before another: whoever puts an older one back keeps terminals on a weak version. */
export function isOlderList(list: SeenList, seen: SeenList): boolean {
  return list.date < seen.date || (list.date === seen.date && isNewer(seen.version, list.version))
}

/** A name that cannot lead out of a folder. */
function isPlainName(name: string | undefined): boolean {
  return name !== undefined && /^[\w][\w.+-]{0,150}$/.test(name)
}

/** Whether a version (three numbers) comes after another. */
export function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((each) => each.split('.').map(Number))
  for (let at = 0; at < 3; at += 1) if (a![at] !== b![at]) return (a![at] ?? 0) > (b![at] ?? 0)
  return false
}

/** What this program was installed as, named as the list names it. */
export function ownPackage(env: NodeJS.ProcessEnv = process.env): { system: string; kind: string } {
  const system = `${process.platform}-${process.arch}`
  if (process.versions['electron'] === undefined) return { system, kind: 'bundle' }
  if (process.platform === 'win32') return { system, kind: 'nsis' }
  return { system, kind: env['APPIMAGE'] === undefined ? 'deb' : 'appimage' }
}
