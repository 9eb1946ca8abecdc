/** The key of an installation: made once, never half, never in another's place. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keySource, loadKey, loadOlderKeys, loadSealer, retireOlderKeys, rotateKey } from '../../src/outbox/key-file.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'outbox-key-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true })
})
const keyFault = expect.objectContaining({ code: 'OUTBOX_KEY' })

test('makes a key once, readable by its owner only, and leaves nothing beside it', () => {
  const key = loadKey(directory)
  expect(key).toHaveLength(32)
  expect(loadKey(directory)).toEqual(key)
  expect(statSync(join(directory, 'outbox.key')).mode & 0o777).toBe(0o600)
  expect(readdirSync(directory)).toEqual(['outbox.key'])
  expect(keySource()).toBe('file')
})

test('closes a key file that others may read', () => {
  loadKey(directory)
  chmodSync(join(directory, 'outbox.key'), 0o644)
  loadKey(directory)
  expect(statSync(join(directory, 'outbox.key')).mode & 0o777).toBe(0o600)
})

test('makes no key where a database has lost its own', () => {
  writeFileSync(join(directory, 'outbox.db'), 'x')
  expect(() => loadKey(directory)).toThrow(keyFault)
  expect(readdirSync(directory)).toEqual(['outbox.db'])
})

test('does not touch a key file that it cannot read as one', () => {
  writeFileSync(join(directory, 'outbox.key'), 'abc')
  expect(() => loadKey(directory)).toThrow(keyFault)
  expect(readFileSync(join(directory, 'outbox.key'), 'utf8')).toBe('abc')
})

test('a temporary file that a crash left is no key', () => {
  writeFileSync(join(directory, 'outbox.key.1.abcd'), '00')
  expect(loadKey(directory)).toHaveLength(32)
})

test('a rotation keeps the older keys until they are retired', () => {
  const first = loadKey(directory)
  const sealed = loadSealer(directory).seal(Buffer.from('x'), '')
  rotateKey(directory)
  const second = loadKey(directory)
  expect(second).not.toEqual(first)
  expect(loadOlderKeys(directory)).toEqual([first])
  expect(Buffer.from(loadSealer(directory).open(sealed, '')).toString()).toBe('x')
  retireOlderKeys(directory)
  expect(loadKey(directory)).toEqual(second)
  expect(() => loadSealer(directory).open(sealed, '')).toThrow()
})

test('a credential of systemd goes first, and what the file’s key sealed still opens', () => {
  const sealed = loadSealer(directory).seal(Buffer.from('x'), '')
  const credentials = join(directory, 'credentials')
  mkdirSync(credentials)
  writeFileSync(join(credentials, 'maqiao-outbox-key'), `${'ab'.repeat(32)}\n`)
  vi.stubEnv('CREDENTIALS_DIRECTORY', credentials)
  expect(Buffer.from(loadKey(directory)).toString('hex')).toBe('ab'.repeat(32))
  expect(keySource()).toBe('systemd')
  expect(Buffer.from(loadSealer(directory).open(sealed, '')).toString()).toBe('x')
  expect(() => rotateKey(directory)).toThrow(keyFault)
})
