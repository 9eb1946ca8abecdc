/** Looks for traces of people and secrets in whatever bytes a terminal leaves behind. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import iconv from 'iconv-lite'

/** The ways in which a text may stand in a file. */
const WRITINGS: Record<string, (text: string) => Buffer> = {
  utf8: (text) => Buffer.from(text),
  utf16: (text) => Buffer.from(text, 'utf16le'),
  gbk: (text) => iconv.encode(text, 'gbk'),
  hex: (text) => Buffer.from(Buffer.from(text).toString('hex')),
  url: (text) => Buffer.from(encodeURIComponent(text)),
  json: (text) => Buffer.from(JSON.stringify(text).slice(1, -1).replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)),
}

/** base64 of a text at each of the three offsets, without the ends that depend on its neighbours. */
function base64Writings(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  return [0, 1, 2].map((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replace(/=+$/, '')
    return Buffer.from(whole.slice(offset === 0 ? 0 : offset + 1, -1))
  })
}

/** Names of those texts that stand in `bytes`, each with the way it is written. */
export function tracesIn(bytes: Buffer, wanted: ReadonlyMap<string, string>): string[] {
  const found: string[] = []
  for (const [text, name] of wanted) {
    for (const [way, write] of Object.entries(WRITINGS)) if (bytes.includes(write(text))) found.push(`${name} (${way})`)
    // Fewer characters would be found by chance.
    for (const writing of base64Writings(text)) if (writing.length >= 8 && bytes.includes(writing)) found.push(`${name} (base64)`)
  }
  return found
}

/** Every file below a directory, with its bytes. */
export function filesIn(directory: string): { name: string; bytes: Buffer }[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ name: relative(directory, file), bytes: readFileSync(file) }))
}
