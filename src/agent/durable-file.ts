/** Replaces a small file so that a power cut leaves the old one or the new one, never half. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export function writeFileDurably(file: string, text: string, mode: number): void {
  const fresh = `${file}.new`
  // Made anew: neither what a crash left, with rights of its own, nor a link to elsewhere is written through.
  rmSync(fresh, { force: true })
  const handle = openSync(fresh, 'wx', mode)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(fresh, file)
  if (process.platform === 'win32') return // Windows cannot open a directory to sync it
  const directory = openSync(dirname(file), 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
