/**
 * Packs the terminal without Electron for machines that have no network: the built commands and screens, the
 * pinned Node, and the packages that cannot be bundled. `npm run bundle`, on the kind of machine it is for.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from './built.mjs'
import { builtFiles, commands } from './built-files.mjs'

const root = join(import.meta.dirname, '..')
/** Loaded where they are installed: electron.config.ts leaves them out of its bundles. */
const INSTALLED = ['serialport', 'node-hid', 'koffi', 'zxing-wasm']
const PARTS = ['package.json', 'scripts/run.mjs', 'scripts/start.mjs', 'scripts/built.mjs', 'out/terminal', 'out/dll-runner.js', 'resources']

/** The folders of packages and of all that they depend on; those for other platforms are not installed. */
function packagesOf(names, found = new Set()) {
  for (const name of names) {
    const folder = `node_modules/${name}`
    if (found.has(folder) || !existsSync(join(root, folder))) continue
    found.add(folder)
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    packagesOf(Object.keys({ ...dependencies, ...optionalDependencies }), found)
  }
  return found
}

ensureBuilt()
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const file = `dist/${name}-${version}-${process.platform}-${process.arch}.tar.gz`
mkdirSync(join(root, 'dist'), { recursive: true })
const screens = readdirSync(join(root, 'out/renderer')).filter((name) => name !== 'assets').map((name) => `out/renderer/${name}`)
const { used } = builtFiles([...commands(), 'out/dll-runner.js', 'out/renderer/index.html'])
const contents = [...screens, ...used, ...PARTS.filter((part) => existsSync(join(root, part))), 'node_modules/node/bin', 'node_modules/node/package.json', ...packagesOf(INSTALLED)]
// Read by the account that runs the terminal, not written by it.
const { status } = spawnSync('tar', ['-czf', file, '--owner=0', '--group=0', '--mode=u+rwX,go+rX,go-w', ...contents], { cwd: root, stdio: ['ignore', 2, 2] })
if (status === 0) process.stdout.write(`${file}\n`)
process.exitCode = status ?? 1
