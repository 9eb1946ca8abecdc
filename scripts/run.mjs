/** Runs one of the commands of src/terminal: `node scripts/run.mjs start|doctor|acceptance|open|simulate|decode [ARGUMENTS]`. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { COMMANDS, helpIfAsked } from './help.mjs'
import * as nodeModule from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

if (COMMANDS.includes(process.argv[2])) helpIfAsked(process.argv[2], process.argv.slice(3))
if (isPinned()) await run()
else rerun()

/** Whether this is the Node that package.json pins, by its major version. */
function isPinned() {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return process.versions.node.split('.')[0] === devDependencies.node.split('.')[0]
}

async function run() {
  const [name] = process.argv.splice(2, 1)
  const entry = join(root, 'out/terminal', `${name}.js`)
  const { ensureBuilt } = await import('./built.mjs')
  try {
    ensureBuilt(name === 'start' || name === 'acceptance' ? ['node', 'renderer'] : ['node'])
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
  if (!existsSync(entry)) {
    process.stderr.write(`no such command: ${name} 没有这个命令\n`)
    process.exit(64)
  }
  nodeModule.enableCompileCache(join(root, 'out/.compile-cache'))
  await import(pathToFileURL(entry).href)
  // Written while it runs: a terminal that is switched off by its plug never gets to its exit.
  setTimeout(() => nodeModule.flushCompileCache(), 5000).unref()
}

/** Hands over to the pinned Node, with the same standard streams, signals and exit code. */
function rerun() {
  const pinned = ['node', 'node.exe'].map((file) => join(root, 'node_modules/node/bin', file)).find(existsSync)
  if (pinned === undefined) {
    process.stderr.write('run "npm ci" first 请先运行 npm ci\n')
    process.exit(1)
  }
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // Ctrl+C in a console reaches both by itself.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
}
