/** The temporary folders that a test file has made; `watch-traces.ts` notes them and removes them at the file's end. */
import fs from 'node:fs'

// As they are before anybody watches them.
const { existsSync, rmSync } = fs
const made = new Set<string>()

export function noteFolder(path: string): void {
  made.add(path)
}

/** Those that are left: `look` is called with each before it goes. */
export function removeFolders(look: (path: string) => void): void {
  for (const path of made) {
    if (!existsSync(path)) continue
    look(path)
    // A process that is ending may still write into it.
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  }
  made.clear()
}
