/** Fetches Electron's binary with Electron's own installer (ELECTRON_MIRROR is obeyed), then starts the terminal in it. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const installer = join(import.meta.dirname, '../node_modules/electron/install.js')
const { status } = spawnSync(process.execPath, [installer], { stdio: ['ignore', 'ignore', 'pipe'] })
if (status !== 0) {
  process.stderr.write(
    'Electron cannot be fetched: set ELECTRON_MIRROR to a mirror that this machine reaches, or use "npm start -- --host browser"\n' +
      '无法下载 Electron：请将 ELECTRON_MIRROR 设为本机可访问的镜像，或改用 npm start -- --host browser\n',
  )
  process.exit(1)
}
process.argv.splice(2, 0, 'start', '--host', 'electron')
await import('./run.mjs')
