/** Notices that a file was removed, renamed or replaced while this process has it open. */
import { statSync } from 'node:fs'

/**
 * Remembers which files lie at the paths now; the returned function is true as
 * long as the same ones do. A few microseconds a path. The files must be open
 * for as long as it is asked: the number of one that is gone may be given to another.
 */
export function filesInPlace(paths: readonly string[]): () => boolean {
  const first = paths.map(fileAt)
  return () => paths.every((path, index) => fileAt(path) === first[index])
}

/** One whose content was written since is another: for small files that nobody keeps open. */
export function contentAt(path: string): string | undefined {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false })
    return found && `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`
  } catch {
    return undefined
  }
}

/** Which file lies at a path; undefined where there is none, or it cannot be asked. */
export function fileAt(path: string): string | undefined {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false })
    return found && `${found.dev}:${found.ino}`
  } catch {
    return undefined
  }
}
