/** A small file is replaced whole or not at all: without room, and on Windows where something else looks at it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { writeFileDurably } from '../../src/agent/durable-file.ts'

const refusals = vi.hoisted(() => [] as string[])
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const renameSync: typeof fs.renameSync = (from, to) => {
    const code = refusals.shift()
    if (code !== undefined) throw Object.assign(new Error(code), { code })
    fs.renameSync(from, to)
  }
  return { ...fs, renameSync }
})
afterEach(() => void refusals.splice(0))

const place = mkdtempSync(join(tmpdir(), 'maqiao-durable-'))
const small = join(place, 'small')
mkdirSync(small)
const canMount = process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', small]).status === 0

test.skipIf(!canMount)('where there is room for a part of it (a tmpfs; needs root) the old one stays', () => {
  onTestFinished(() => {
    spawnSync('umount', ['-l', small])
    rmSync(place, { recursive: true })
  })
  const file = join(small, 'settings.json')
  writeFileDurably(file, 'the old one', 0o600)
  expect(() => writeFileDurably(file, 'x'.repeat(200_000), 0o600)).toThrow(/ENOSPC/)
  expect([readFileSync(file, 'utf8'), readdirSync(small)]).toEqual(['the old one', ['settings.json']])
})

describe('a file that cannot be replaced just now', () => {
  const replaced = (platform: NodeJS.Platform, ...codes: string[]) => {
    const directory = mkdtempSync(join(tmpdir(), 'maqiao-durable-'))
    const { platform: ours } = process
    Object.defineProperty(process, 'platform', { value: platform })
    onTestFinished(() => {
      Object.defineProperty(process, 'platform', { value: ours })
      rmSync(directory, { recursive: true })
    })
    refusals.push(...codes)
    writeFileDurably(join(directory, 'file'), 'new', 0o600)
    return readFileSync(join(directory, 'file'), 'utf8')
  }

  test('is asked for again on Windows, where a scanner of viruses may look at it', () => {
    expect(replaced('win32', 'EPERM', 'EACCES', 'EBUSY')).toBe('new')
  })
  test('is a fault where that does not pass', () => {
    expect(() => replaced('win32', ...Array<string>(20).fill('EPERM'))).toThrow('EPERM')
  })
  test('is a fault at once of any other kind, and elsewhere', () => {
    expect(() => replaced('win32', 'ENOSPC')).toThrow('ENOSPC')
    expect(() => replaced('linux', 'EPERM')).toThrow('EPERM')
  })
})
