/** Replaces a small file so that a power cut leaves the old one or the new one, never half. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** How often Windows is asked, and the wait in between, ms. */
const TRIES = 20
const WAIT_MS = 10

export function writeFileDurably(file: string, content: string | Uint8Array, mode: number): void {
  const fresh = `${file}.new`
  // Made anew: neither what a crash left, with rights of its own, nor a link to elsewhere is written through.
  rmSync(fresh, { force: true })
  try {
    writeWhole(fresh, content, mode)
    takePlace(fresh, file)
  } catch (error) {
    // It would keep the room that is lacking, and may hold a secret.
    rmSync(fresh, { force: true })
    throw error
  }
  syncDirectoryOf(file)
}

/** Gives a file another name in its directory; the new name is on disk when it returns. */
export function renameDurably(file: string, to: string): void {
  takePlace(file, to)
  syncDirectoryOf(to)
}

function syncDirectoryOf(file: string): void {
  if (process.platform === 'win32') return // Windows cannot open a directory to sync it
  const directory = openSync(dirname(file), 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

function writeWhole(file: string, content: string | Uint8Array, mode: number): void {
  const handle = openSync(file, 'wx', mode)
  try {
    // All of it or an error: a disk that is nearly full takes a part of one write.
    writeFileSync(handle, content)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Windows refuses while a virus scanner or an indexer looks at either file: it is soon done with it. */
function takePlace(fresh: string, file: string): void {
  for (let tries = 1; ; tries++) {
    try {
      return renameSync(fresh, file)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (process.platform !== 'win32' || tries === TRIES || !/^(EPERM|EACCES|EBUSY)$/.test(code ?? '')) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS)
    }
  }
}
