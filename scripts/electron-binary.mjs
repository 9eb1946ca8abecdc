/** Electron's binary, by Electron's own installer (ELECTRON_MIRROR is obeyed). */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const LIMIT_MS = 15 * 60_000

/** Fetches it unless it is there; says why not, and returns false, if it cannot be had. */
export function fetchElectron() {
  const installer = join(import.meta.dirname, '../node_modules/electron/install.js')
  const { status } = spawnSync(process.execPath, [installer], { stdio: ['ignore', 'ignore', 'ignore'], timeout: LIMIT_MS })
  if (status === 0) return true
  process.stderr.write(
    'Electron cannot be fetched: set ELECTRON_MIRROR to a mirror that this machine reaches, or use "npm start -- --host browser"\n' +
      '无法下载 Electron：请将 ELECTRON_MIRROR 设为本机可访问的镜像，或改用 npm start -- --host browser\n',
  )
  return false
}
