/** Where a terminal keeps its data when nobody says. */
import { homedir, platform } from 'node:os'
import { join } from 'node:path'

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
