/** Text files that people write, whatever Windows made of them. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/** What is said of a file whose encoding nobody can tell. */
export const NO_TEXT = 'is in no encoding that is certain 文字编码无法确定，请用记事本“另存为”，编码选 UTF-8'

/** Undefined where the file's encoding is not certain. Throws the system's error. */
export function readTextFile(file: string): string | undefined {
  return decodeText(readFileSync(file))
}

/** `no-file` for what is no regular file or larger than `mostBytes`: a pipe would hold up the start, /dev/zero never ends. Else as `readTextFile`. */
export function readSmallFile(file: string, mostBytes: number): string | 'no-file' | undefined {
  const handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(handle)
    return stat.isFile() && stat.size <= mostBytes ? decodeText(readFileSync(handle)) : 'no-file'
  } finally {
    closeSync(handle)
  }
}

/**
 * The text, without its byte order mark, where one reading of the bytes is certain:
 * UTF-8 or UTF-16 as the mark says, UTF-16 by its zero bytes, valid UTF-8, else GBK
 * (Windows' ANSI) that holds nothing but Chinese beside ASCII, and is not rather
 * Latin letters with accents. Undefined otherwise.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return plain(strict('utf-16le', bytes))
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return plain(strict('utf-16be', bytes))
  if (bytes.includes(0)) return plain(strict(zerosAt(bytes, 1) > zerosAt(bytes, 0) ? 'utf-16le' : 'utf-16be', bytes))
  const utf8 = strict('utf-8', bytes)
  if (utf8 !== undefined) return plain(utf8)
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const gbk = isMarked || !hasPair(bytes) ? undefined : strict('gbk', bytes)
  return gbk === undefined || NOT_CHINESE.test(gbk) ? undefined : plain(gbk)
}

/** Two bytes above ASCII beside each other, as all but rare characters are in GBK: ô and its next letter make a character of it too. */
function hasPair(bytes: Uint8Array): boolean {
  return bytes.some((byte, at) => byte >= 0xa1 && (bytes[at + 1] ?? 0) >= 0xa1)
}

const NOT_CHINESE = /[^\u0000-\u007f\p{Script=Han}\u3000-\u303f\uff00-\uffef\u00b7\u2014\u2018\u2019\u201c\u201d\u2026]/u
/** Neither line ends nor tabs: no text has them. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd\ufffe\uffff]/

function strict(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A program that writes a mark before a text that has one makes two of them. */
function plain(text: string | undefined): string | undefined {
  const bare = text?.replace(/^\ufeff+/, '')
  return bare === undefined || CONTROL.test(bare) ? undefined : bare
}

function zerosAt(bytes: Uint8Array, parity: 0 | 1): number {
  return bytes.filter((byte, at) => byte === 0 && at % 2 === parity).length
}
