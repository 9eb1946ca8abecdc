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

/**
 * The same for a database and the files beside it, each named by its suffix. It
 * is also false where the database became smaller, as none of ours does: one that
 * was emptied where it lies is taken for a new one, and its log thrown away, at the next start.
 */
export function databaseInPlace(file: string, suffixes: readonly string[]): () => boolean {
  const areSame = filesInPlace([file, ...suffixes.map((suffix) => file + suffix)])
  const size = sizeOf(file)
  return () => areSame() && sizeOf(file) >= size
}

function sizeOf(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0
  } catch {
    return 0
  }
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
