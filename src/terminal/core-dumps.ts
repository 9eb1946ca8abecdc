/** Keeps a terminal that crashes from leaving its memory, with patients and keys, on disk. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * core(5): below a page nothing is written to a file, and 1 is the one value at
 * which Linux starts no program for a dump either (`core_pattern` with a pipe).
 */
const NO_CORE = 1

/**
 * Sets this process's limit on Linux, and with it that of whatever it starts (a
 * browser, DLLs); for good, since the hard limit goes down as well.
 *
 * @returns false where dumps stay possible: without util-linux's `prlimit`, and on
 * systems where a process cannot forbid them itself (Windows Error Reporting, macOS)
 */
export function forbidCoreDumps(): boolean {
  if (process.platform !== 'linux') return false
  if (mostCoreBytes() <= NO_CORE) return true
  spawnSync('prlimit', ['--pid', String(process.pid), `--core=${NO_CORE}:${NO_CORE}`], { env: { PATH: '/usr/bin:/bin' }, stdio: 'ignore', timeout: 5000 })
  return mostCoreBytes() <= NO_CORE
}

/** The hard limit, which this process could raise the soft one to; Infinity where it is unlimited or unknown. */
function mostCoreBytes(): number {
  try {
    const hard = /^Max core file size\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return hard === undefined ? Infinity : Number(hard)
  } catch {
    return Infinity
  }
}
