/** Keeps what is slow to draw from one run of the tests to the next, as long as nothing that draws it has changed. */
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

const ROOT = join(import.meta.dirname, '../..')
const FOLDER = join(ROOT, 'node_modules/.cache/maqiao-pictures')

const sources = createHash('sha256')
for (const file of [...globSync(join(import.meta.dirname, 'qr-*.ts')).sort(), join(ROOT, 'package-lock.json')]) sources.update(readFileSync(file))
const drawnBy = sources.digest('hex')

/** What `make` gives, plain data alone; `name` says with what it is called. */
export function kept<T>(name: string, make: () => T): T {
  const file = join(FOLDER, createHash('sha256').update(`${drawnBy} ${name}`).digest('hex'))
  if (existsSync(file)) return deserialize(zstdDecompressSync(readFileSync(file))) as T
  const made = make()
  mkdirSync(FOLDER, { recursive: true })
  // A rename: never half of it for another run.
  writeFileSync(`${file}.${process.pid}`, zstdCompressSync(serialize(made)))
  renameSync(`${file}.${process.pid}`, file)
  return made
}
