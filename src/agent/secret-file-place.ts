/** Whether a file of a `file:` secret is one of the terminal's own: its keys and tokens must not leave through a setting. */
import { realpathSync } from 'node:fs'
import nodePath, { type PlatformPath } from 'node:path'

/** Beside a settings file that lies in the data directory itself (as %PROGRAMDATA%\maqiao has it), what the terminal keeps there; all that is deeper is the terminal's too. */
const OWN = /\.(key|db|jsonl|head|lock|bak|bin)([.-]|$)|^(api-token|technician\.json|settings\.json)|[.-](wal|shm)$/i

/**
 * True for a path inside `dataDir` as the system resolves it, links, `..`, short
 * names and case included. Where the settings file lies in `dataDir`, the files
 * right beside it that the terminal does not keep may be read. Throws the
 * system's error if the file is not there.
 * @param directory the settings file's folder
 */
export function isKeptByTerminal(file: string, dataDir: string, directory: string): boolean {
  const real = realpathSync.native(file)
  const within = placeWithin(realOr(dataDir), real)
  if (within === undefined) return false
  const besideSettings = placeWithin(realOr(dataDir), realOr(directory)) === ''
  return !besideSettings || /[\\/]/.test(within) || OWN.test(within)
}

/** The path from `folder` to `file`; '' for the folder itself, undefined for what is outside it. Windows and macOS tell names apart without regard to case. */
export function placeWithin(folder: string, file: string, path: PlatformPath = nodePath, foldCase = process.platform !== 'linux'): string | undefined {
  const plain = (name: string) => {
    // \\?\C:\x and \\.\C:\x are C:\x; an alternate stream is of its file.
    const bare = path.sep === '\\' ? name.replace(/^\\\\[?.]\\(?:UNC\\)?/i, (prefix) => (/UNC/i.test(prefix) ? '\\\\' : '')).replace(/(?<=.{2}):[^\\/]*$/, '') : name
    return path.resolve(foldCase ? bare.toLowerCase() : bare)
  }
  const between = path.relative(plain(folder), plain(file))
  return between === '..' || between.startsWith(`..${path.sep}`) || path.isAbsolute(between) ? undefined : between
}

function realOr(folder: string): string {
  try {
    return realpathSync.native(folder)
  } catch {
    return nodePath.resolve(folder)
  }
}
