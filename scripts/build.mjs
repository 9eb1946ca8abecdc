/** Builds everything into out/: the shell, the commands, the preload script, the screens; `--if-stale` what has changed. */
import { ensureBuilt } from './built.mjs'

try {
  ensureBuilt(undefined, { force: !process.argv.includes('--if-stale') })
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
