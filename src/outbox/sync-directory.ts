import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Makes renames and new names durable; a no-op where directories cannot be opened (Windows). */
export function syncDirectory(directory: string): void {
  let descriptor: number
  try {
    descriptor = openSync(directory, 'r')
  } catch {
    return
  }
  try {
    fsyncSync(descriptor)
  } catch {
    // Some file systems refuse it; there is nothing more to be done.
  } finally {
    closeSync(descriptor)
  }
}
