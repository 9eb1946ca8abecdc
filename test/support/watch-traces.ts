/**
 * Stands behind every test file: what terminals leave in temporary directories, in
 * logs and on standard error is searched, before a test removes it, for everybody
 * and every token that the tests use. A trace fails the file that left it. The
 * temporary directories that the file has not removed go as well.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { afterAll, expect } from 'vitest'
import { noteFolder, removeFolders } from './made-folders.ts'
import { lookThrough, takeTraces, want } from './traces-found.ts'

/** Files that the product writes, crash dumps included; settings and the files of secrets hold theirs on purpose. */
const PRODUCT = /^(outbox\.db|state\.db|audit\.jsonl|technician\.json|installation\.secret|maqiao\.log|core(\.\d+)?$|report\.\d+.*\.json$)|\.dmp$/
const CALLED = /^(text|name|idNumber|phone|patid)$/

const { rmSync, mkdtempSync } = fs
const { rm, mkdtemp } = fs.promises

function searchBelow(directory: string): void {
  for (const entry of fs.readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !PRODUCT.test(entry.name)) continue
    const file = join(entry.parentPath, entry.name)
    try {
      lookThrough(`${basename(directory)}/${relative(directory, file)}`, fs.readFileSync(file))
    } catch {
      // Gone meanwhile, or not to be read by whoever runs the tests.
    }
  }
}

function beforeRemoval(path: unknown): void {
  if (typeof path !== 'string' || !path.startsWith(tmpdir())) return
  try {
    if (fs.statSync(path).isDirectory()) searchBelow(path)
  } catch {
    // Not there.
  }
}

fs.rmSync = (path, ...rest) => (beforeRemoval(path), rmSync(path, ...rest))
fs.promises.rm = (path, ...rest) => (beforeRemoval(path), rm(path, ...rest))
fs.mkdtempSync = ((...given: Parameters<typeof mkdtempSync>) => {
  const path = mkdtempSync(...given)
  noteFolder(String(path))
  return path
}) as typeof mkdtempSync
fs.promises.mkdtemp = (async (...given: Parameters<typeof mkdtemp>) => {
  const path = await mkdtemp(...given)
  noteFolder(String(path))
  return path
}) as typeof mkdtemp
syncBuiltinESMExports()

const write = process.stderr.write.bind(process.stderr)
process.stderr.write = ((text: string | Uint8Array, ...rest: never[]) => {
  lookThrough('standard error', Buffer.from(text as string).toString())
  return write(text, ...rest)
}) as typeof process.stderr.write

/** Whatever a test calls the API with is somebody's from then on. */
const { fetch } = globalThis
globalThis.fetch = (input, init) => {
  const bearer = /^Bearer (.+)$/.exec(new Headers(init?.headers).get('authorization') ?? '')?.[1]
  want(bearer, 'a bearer token')
  if (typeof init?.body === 'string' && /\/(scans|result)$/.test(String(input))) wantMembers(init.body)
  return fetch(input, init)
}

function wantMembers(body: string): void {
  try {
    for (const [name, value] of Object.entries(JSON.parse(body) as Record<string, unknown>)) if (CALLED.test(name)) want(value, `a call's ${name}`)
  } catch {
    // Not JSON: sent to be refused.
  }
}

afterAll(() => {
  removeFolders(searchBelow)
  expect(takeTraces(), 'left behind by this file').toEqual([])
})
