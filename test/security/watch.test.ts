/** The watch behind every test file finds what it is there for. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { checkDigit, PEOPLE } from '../../src/simulator/people.ts'
import { removeFolders } from '../support/made-folders.ts'
import { lookThrough, takeTraces } from '../support/traces-found.ts'

const [LIN] = PEOPLE
const STRANGER = `34010419881022001${checkDigit('34010419881022001')}`
afterEach(() => void takeTraces())

function place(name: string, text: string | Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), 'maqiao-watch-'))
  mkdirSync(join(directory, 'data'))
  writeFileSync(join(directory, 'data', name), text)
  return directory
}

test.each([
  ['outbox.db-wal', Buffer.concat([Buffer.from(`x${LIN.idNumber}y`), Buffer.alloc(100_000)])],
  ['state.db', Buffer.from(LIN.name, 'utf16le')],
  ['audit.jsonl', Buffer.from(`ab${LIN.phone}`).toString('base64')],
  ['maqiao.log.1', `number ${STRANGER} of nobody we know`],
  ['report.20261122.1.2.3.json', LIN.name],
  ['chromium.dmp', LIN.idNumber],
])('in %s, before a test removes it', async (name, text) => {
  rmSync(place(name, text), { recursive: true })
  expect(takeTraces()).toHaveLength(text.toString().includes(LIN.idNumber) ? 2 : 1)
  await rm(place(name, text), { recursive: true })
  expect(takeTraces()).not.toEqual([])
})

test('not in a settings file, a sealed one or numbers of another kind', () => {
  for (const [name, text] of [['settings.json', LIN.idNumber], ['api-token', LIN.name], ['outbox.db', `34010419881022001${checkDigit('34010419881022001') === '1' ? '2' : '1'} 20261122123456789012`]] as const) {
    rmSync(place(name, text), { recursive: true })
  }
  expect(takeTraces()).toEqual([])
})

test('on standard error, and whatever the API was called with', async () => {
  const server = createServer((_, reply) => reply.end('{}')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/scans`
  await fetch(url, { method: 'POST', headers: { authorization: 'Bearer a-bearer-of-this-test' }, body: JSON.stringify({ text: 'HC-CARD-00017-OF-THIS-TEST' }) })
  server.close()
  process.stderr.write('{"why":"HC-CARD-00017-OF-THIS-TEST"}\n')
  lookThrough('a process', 'token=a-bearer-of-this-test')
  expect(takeTraces()).toEqual(['standard error: a call\'s text', 'a process: a bearer token'])
})

test('every temporary folder that is left at the end of a file is looked into and removed', async () => {
  const left = [place('outbox.db', 'nothing'), await mkdtemp(join(tmpdir(), 'maqiao-watch-'))]
  const seen: string[] = []
  removeFolders((path) => seen.push(path))
  expect(seen).toEqual(expect.arrayContaining(left))
  expect(left.filter((path) => existsSync(path))).toEqual([])
})
