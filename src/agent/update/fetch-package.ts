/** A package from the file server to this machine's disk, measured on the way. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UpdateFault } from './update-fault.ts'
import type { UpdatePackage } from './update-list.ts'
import type { UpdateSource } from './update-source.ts'

/** Fetches a package into a folder of its own, unless it is there; resolves to its path. Rejects with UpdateFault where it is not what the list says. */
export async function fetchPackage(source: UpdateSource, { name, bytes, sha512 }: UpdatePackage, folder: string): Promise<string> {
  const file = join(folder, name)
  if (await isWhole(file, sha512)) return file
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => {
    throw new UpdateFault('UPDATE_NOT_STORED')
  })
  for (const old of await readdir(folder)) await rm(join(folder, old), { force: true })
  const digest = createHash('sha512')
  let size = 0
  const measure = new Transform({
    transform(part: Buffer, _encoding, done) {
      digest.update(part)
      size += part.length
      done(size > bytes ? new UpdateFault('UPDATE_DAMAGED') : null, part)
    },
  })
  const from = await source.open(name).catch(() => {
    throw new UpdateFault('UPDATE_DAMAGED')
  })
  await pipeline(from, measure, createWriteStream(`${file}.part`, { mode: 0o600 })).catch((error: unknown) => {
    const { code, syscall } = error as NodeJS.ErrnoException
    throw new UpdateFault(code === 'ENOSPC' || (syscall === 'open' && code !== 'ENOENT') ? 'UPDATE_NOT_STORED' : 'UPDATE_DAMAGED')
  })
  if (size !== bytes || digest.digest('base64') !== sha512) {
    await rm(`${file}.part`, { force: true })
    throw new UpdateFault('UPDATE_DAMAGED')
  }
  await rename(`${file}.part`, file)
  return file
}

/** By its digest, not its size: an administrator is told to install what lies there. */
async function isWhole(file: string, sha512: string): Promise<boolean> {
  const digest = createHash('sha512')
  try {
    await pipeline(createReadStream(file), digest)
  } catch {
    return false
  }
  return digest.digest('base64') === sha512
}
