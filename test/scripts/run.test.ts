/** The way in from a shell: which Node runs, what is printed, how it ends. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** A Node of another version than the pinned one, as a newcomer has. */
const otherNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .map((folder) => join(folder, 'node'))
  .find((file) => existsSync(file) && spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.split('.')[0] !== process.version.split('.')[0])

async function start(node: string) {
  const home = await mkdtemp(join(tmpdir(), 'maqiao-run-'))
  const config = join(home, 'settings.json')
  await writeFile(config, JSON.stringify({ terminal: { id: 'W01' }, api: { port: 0 } }))
  const child = spawn(node, ['scripts/start.mjs', '--config', config, '--data-dir', join(home, 'data'), '--host', 'none'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const heard = { stdout: '', stderr: '' }
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => ((heard.stdout += chunk.toString()), resolve()))
    void exited.then(() => reject(new Error(heard.stderr)))
  })
  child.stderr.on('data', (chunk: Buffer) => void (heard.stderr += chunk.toString()))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
    await rm(home, { recursive: true, force: true })
  })
  await ready
  return { child, heard, exited }
}

describe('scripts/start.mjs', () => {
  it('prints one line, and ends with 0 on SIGTERM', async () => {
    const { child, heard, exited } = await start(process.execPath)
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
    expect(heard.stdout).toMatch(/^\{"ready":true,.*\}\n$/)
  })

  it.skipIf(otherNode === undefined)('hands over to the pinned Node (skipped where no other Node is installed)', async () => {
    const { child, heard, exited } = await start(otherNode as string)
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
    expect(heard.stdout).toMatch(/^\{"ready":true,.*\}\n$/)
    expect(heard.stderr).toContain(`"node":"${process.versions.node}"`)
  })

  it('passes on the exit code of wrong arguments', () => {
    const { status, stdout } = spawnSync(process.execPath, ['scripts/start.mjs', '--nonsense'], { cwd: root, encoding: 'utf8' })
    expect([status, stdout]).toEqual([64, ''])
  })
})

describe('scripts/run.mjs', () => {
  it.each([['nothing'], []])('knows no command %s', (...args) => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/run.mjs', ...args], { cwd: root, encoding: 'utf8' })
    expect(status).toBe(64)
    expect(stderr).toContain('没有这个命令')
  })
})
