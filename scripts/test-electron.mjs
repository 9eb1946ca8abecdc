/** Runs the shell's tests in real Electron where its binary is installed; else says why not, and that is no failure. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findElectron } from '../src/terminal/hosts/choose.ts'
import { helpIfAsked } from './help.mjs'

helpIfAsked('test-electron')

const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
const why = findElectron() === undefined ? 'Electron is not installed (npm run electron fetches it)' : display ? undefined : 'there is no display'
if (why === undefined) {
  const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--mode', 'electron', ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exitCode = status ?? 1
} else {
  process.stdout.write(`not run in Electron: ${why}; "npm test" runs the same tests over a double 未在 Electron 中运行\n`)
}
