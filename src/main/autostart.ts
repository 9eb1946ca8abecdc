/** Starting at log-in. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { App } from 'electron'

/** Switches it on or off, with the arguments it shall start with. */
export function setAutostart(app: App, on: boolean, args: readonly string[], platform: NodeJS.Platform = process.platform): void {
  if (platform !== 'linux') return app.setLoginItemSettings({ openAtLogin: on, args: [...args] })
  // Electron has no log-in items on Linux; UOS, Kylin and GNOME read this folder.
  const directory = join(app.getPath('appData'), 'autostart')
  const file = join(directory, 'maqiao.desktop')
  if (!on) return rmSync(file, { force: true })
  mkdirSync(directory, { recursive: true })
  const command = [process.env['APPIMAGE'] ?? app.getPath('exe'), ...args].map(quoted).join(' ')
  writeFileSync(file, `[Desktop Entry]\nType=Application\nName=MaQiao\nName[zh_CN]=码桥\nExec=${command}\nTerminal=false\n`)
}

/** Quoted as the Desktop Entry Specification asks (The Exec key). */
function quoted(argument: string): string {
  return /^[\w./:=@-]+$/.test(argument) ? argument : `"${argument.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`
}
