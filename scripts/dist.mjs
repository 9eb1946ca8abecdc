/** Packages the shell: `npm run dist -- [--win|--linux]`. Arguments go to electron-builder, which is fetched for this and runs no install scripts. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fetchElectron } from './electron-binary.mjs'
import { helpIfAsked } from './help.mjs'
import { writeNotice } from './notice.mjs'

const BUILDER = 'electron-builder@26.17.0'

helpIfAsked('dist')
const root = join(import.meta.dirname, '..')
if (!fetchElectron()) process.exit(1)
const build = spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), '--clean'], { stdio: 'inherit' })
if (build.status !== 0) process.exit(build.status ?? 1)
writeNotice(join(root, 'out/NOTICE.txt'))
// .npmrc refuses packages whose scripts nobody has allowed: without any script to run there is nothing to refuse.
const args = ['exec', '--yes', '--ignore-scripts', '--package', BUILDER, '--', 'electron-builder', '--config', 'electron-builder.yml', '--publish', 'never', ...process.argv.slice(2)]
const { status } = spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
if (status !== 0) process.stderr.write(`electron-builder ended with ${status ?? 'no answer'}: it is fetched from the npm registry (${BUILDER}) electron-builder 没有完成：它要从 npm 源取得，请检查 npm 源与上面的输出\n`)
process.exitCode = status ?? 1
