/** 电子健康卡 3.1.3: the signature over commonIn and req together. */
import { canonicalString } from '../../crypto/canonical.ts'
import { sha256 } from '../../crypto/digests.ts'

/** Base64(SHA-256(sorted members without sign and empty ones, then appSecret with nothing between)). */
export function signOf(
  commonIn: Readonly<Record<string, unknown>>,
  req: Readonly<Record<string, unknown>>,
  appSecret: string,
): string {
  return sha256(canonicalString({ ...commonIn, ...req }, ['sign']) + appSecret).toString('base64')
}

/**
 * A value without its null, undefined and blank members at any depth. The
 * document's own Java code signs a stray `&` where its last member is empty;
 * without empty members there is nothing to disagree about.
 */
export function withoutEmpty<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutEmpty) as T
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined && !(typeof member === 'string' && member.trim() === ''))
  return Object.fromEntries(members.map(([key, member]) => [key, withoutEmpty(member)])) as T
}
