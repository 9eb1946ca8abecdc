/** Where a terminal keeps its data when nobody says. */
import { existsSync, mkdirSync } from 'node:fs'
import { homedir, platform } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** `demo` keeps a rehearsal apart from real reports. */
export function defaultDataDir(demo: boolean, env: NodeJS.ProcessEnv = process.env): string {
  const name = demo ? 'maqiao-demo' : 'maqiao'
  if (env['MAQIAO_DATA_DIR']) return demo ? join(env['MAQIAO_DATA_DIR'], 'demo') : env['MAQIAO_DATA_DIR']
  switch (platform()) {
    case 'win32':
      return join(env['PROGRAMDATA'] ?? env['APPDATA'] ?? homedir(), name)
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', name)
    default:
      return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), name)
  }
}

/**
 * Makes the folder and all above it, mode 0700. Throws the system's error of
 * mkdir. Level by level: Node's own `recursive` never ends where the first level
 * is there and takes no folders.
 */
export function makeDataDir(dataDir: string): void {
  const missing: string[] = []
  for (let at = resolve(dataDir); !existsSync(at) && !missing.includes(at); at = dirname(at)) missing.unshift(at)
  for (const level of missing) {
    try {
      mkdirSync(level, { mode: 0o700 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      // Another start has made it, or it is a link to a drive that is not there.
      if (!existsSync(level)) throw Object.assign(error as Error, { code: 'ENOENT' })
    }
  }
}
