/** The key that Java makes of a seed. */
import { sha1 } from './digests.ts'

/**
 * What Java's KeyGenerator("AES", 128) gives from a SHA1PRNG seeded with the
 * text's bytes: the first 16 bytes of SHA-1(SHA-1(seed)) (泉州, checked against
 * the document's sample).
 */
export const javaSeededKey = (seed: string): Buffer => sha1(sha1(seed)).subarray(0, 16)
