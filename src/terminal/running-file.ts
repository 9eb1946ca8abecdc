/** `running.json` of the data directory: which process has this terminal ready, and where. For the update service and for `npm run open`. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** `api` is the origin of the local API. */
export type Running = { pid: number; version: string; api: string }

/** Written when the terminal is ready; returns what removes it again. Neither throws: the terminal serves without it. */
export function tellRunning(dataDir: string, running: Running): () => void {
  const file = join(dataDir, 'running.json')
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(running)}\n`, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  } catch {
    // The disk is full or read only: that is told elsewhere.
  }
  return () => {
    // Another terminal may have taken the directory over.
    try {
      if (readRunning(dataDir)?.pid === running.pid) rmSync(file, { force: true })
    } catch {}
  }
}

/** Undefined if no terminal was ready here. A terminal that was killed leaves its own: the process may be gone. */
export function readRunning(dataDir: string): Running | undefined {
  try {
    const { pid, version, api } = JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as Running
    return Number.isSafeInteger(pid) && typeof api === 'string' ? { pid, version, api } : undefined
  } catch {
    return undefined
  }
}
