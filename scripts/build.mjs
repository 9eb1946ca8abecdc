/**
 * Builds everything into out/: the shell, the commands, the preload script, the screens; `--if-stale` what has changed.
 * `--clean` removes what earlier builds left: for packages, which take the whole folder.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from './built.mjs'
import { builtFiles } from './built-files.mjs'
import { helpIfAsked } from './help.mjs'

helpIfAsked('build')

try {
  ensureBuilt(undefined, { force: !process.argv.includes('--if-stale') })
  if (process.argv.includes('--clean')) for (const file of builtFiles().left) rmSync(join(import.meta.dirname, '..', file))
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
