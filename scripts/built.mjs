/** Builds what is missing or older than its sources. Runs on Node 24; everything it prints goes to standard error. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const root = join(import.meta.dirname, '..')
const stamp = join(root, 'out/.built')
const lock = join(root, 'out/.building')

/** What each part is made of; `not` is left out. */
const PARTS = {
  node: { from: ['src'], not: ['src/renderer'] },
  renderer: { from: ['src/renderer', 'src/devices', 'src/transcode', 'resources'], not: [] },
}
const CONFIGS = ['package.json', 'package-lock.json', 'electron.config.ts']

/**
 * Makes sure that `out/` is what the sources say.
 * @param {string[]} [parts] names of the parts that are needed; all by default
 * @param {{ force?: boolean }} [options] `force` builds them whatever the stamp says
 * @throws where a build fails
 */
export function ensureBuilt(parts = Object.keys(PARTS), { force = false } = {}) {
  // An installed copy has no sources: it runs what it was shipped with.
  if (!existsSync(join(root, 'src'))) return
  if (!force && stale(parts).length === 0) return
  const release = lockOrExplain()
  try {
    for (const part of force ? parts : stale(parts)) buildPart(part)
  } finally {
    release()
  }
}

function stale(parts) {
  const built = readStamp()
  return parts.filter((part) => built[part] !== fingerprint(part))
}

function buildPart(part) {
  const wanted = fingerprint(part)
  say('build.started', { part, words: '正在构建' })
  const began = performance.now()
  const script = `const { build } = await import('electron-vite'); await build({ configFile: 'electron.config.ts', ignoreConfigWarning: true, logLevel: 'warn' })`
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    env: { ...process.env, MAQIAO_BUILD: part, NODE_OPTIONS: '' },
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new Error(`the build of ${part} failed 构建失败`)
  say('build.done', { part, ms: Math.round(performance.now() - began) })
  writeFileSync(stamp, JSON.stringify({ ...readStamp(), [part]: wanted }))
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stamp, 'utf8'))
  } catch {
    return {}
  }
}

/** Paths, sizes and times: reading every source at every start would cost more than the start. */
function fingerprint(part) {
  const hash = createHash('sha1')
  const { from, not } = PARTS[part]
  for (const entry of [...CONFIGS, ...from]) visit(join(root, entry), not, hash)
  return hash.digest('hex')
}

function visit(path, not, hash) {
  const name = relative(root, path).replaceAll('\\', '/')
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || not.includes(name)) return
  if (stats.isDirectory()) for (const entry of readdirSync(path).sort()) visit(join(path, entry), not, hash)
  else hash.update(`${name}\n${stats.size}\n${stats.mtimeMs}\n`)
}

function lockOrExplain() {
  try {
    return takeLock()
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error
    throw new Error('out/ cannot be written: run `npm run build` once with an account that may 没有写入 out 目录的权限：请先用有权限的账户运行一次 npm run build')
  }
}

const LOCK_LIMIT_MS = 180_000

/** One build at a time: tests and terminals may start together. */
function takeLock() {
  mkdirSync(join(root, 'out'), { recursive: true })
  const giveUpAt = Date.now() + LOCK_LIMIT_MS
  for (;;) {
    try {
      mkdirSync(lock)
      writeFileSync(join(lock, 'pid'), String(process.pid))
      return () => rmSync(lock, { recursive: true, force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (!isHeld() || Date.now() > giveUpAt) rmSync(lock, { recursive: true, force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
  }
}

function isHeld() {
  const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0)
    return true
  } catch (error) {
    // Between making the folder and writing the number there is a moment without one.
    return error.code === 'EPERM' || (error.code === 'ENOENT' && age < 2000)
  }
}

/** In the form of the terminal's own log, which follows on the same stream. */
function say(event, fields) {
  process.stderr.write(`${JSON.stringify({ level: 'info', time: new Date().toISOString(), ...fields, event })}\n`)
}
