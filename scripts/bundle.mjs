/**
 * Packs the terminal without Electron for machines that have no network: the built commands and screens, the
 * pinned Node, and the packages that cannot be bundled. `npm run bundle`, on the kind of machine it is for.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from './built.mjs'
import { builtFiles, commands } from './built-files.mjs'
import { helpIfAsked } from './help.mjs'
import { writeNotice } from './notice.mjs'

helpIfAsked('bundle')

const root = join(import.meta.dirname, '..')
/** Loaded where they are installed: electron.config.ts leaves them out of its bundles. */
const INSTALLED = ['serialport', 'node-hid', 'koffi', 'zxing-wasm']
const PARTS = ['package.json', 'scripts/run.mjs', 'scripts/start.mjs', 'scripts/built.mjs', 'scripts/help.mjs', 'out/terminal', 'out/dll-runner.js', 'resources']

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
// One folder at the top: unpacked anywhere, it makes no litter.
const top = `${name}-${version}`
const stage = join(root, 'dist/.stage')
rmSync(stage, { recursive: true, force: true })
for (const part of contents) cpSync(join(root, part), join(stage, top, part), { recursive: true })
writeNotice(join(stage, top, 'NOTICE.txt'))
writeFileSync(join(stage, top, 'README.txt'), readme(process.platform === 'win32'))
// Read by the account that runs the terminal, not written by it. Windows' own tar knows no owners.
const isGnu = /GNU tar/.test(String(spawnSync('tar', ['--version']).stdout))
const rights = isGnu ? ['--owner=0', '--group=0', '--mode=u+rwX,go+rX,go-w'] : []
const { status } = spawnSync('tar', ['-czf', join(root, file), ...rights, top], { cwd: stage, stdio: ['ignore', 2, 2] })
rmSync(stage, { recursive: true, force: true })
if (status === 0) process.stdout.write(`${file}\n`)
process.exitCode = status ?? 1

function readme(isWindows) {
  const node = isWindows ? 'node_modules\\node\\bin\\node.exe' : 'node_modules/node/bin/node'
  const script = (command) => `${node} ${isWindows ? 'scripts\\run.mjs' : 'scripts/run.mjs'} ${command}`
  return `MaQiao 码桥 ${version}（无 Electron 的整包，自带 Node，不需要网络）

演示 demo                 ${script('start')}
正式 in earnest           ${script('start --config settings.json --host browser')}
检查 checks               ${script('doctor --config settings.json')}
重新打开界面 the screens    ${script('open')}
每个命令的用法 usage       ${script('start --help')}

只要本地接口时用 --host none；作为 systemd 服务运行见 resources/systemd/maqiao.service。
设置的 schema：resources/settings.schema.json。所用软件的许可证：NOTICE.txt。
`
}
