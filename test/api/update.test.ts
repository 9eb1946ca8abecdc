/** The technician's way to a newer version, by the API of a whole terminal and the real tool that signs. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { enterAsTechnician } from '../support/technician.ts'
import { startTestTerminal } from '../support/terminal.ts'

const root = join(import.meta.dirname, '../..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

test('what the signing tool wrote is looked at, told with the overview; asked for where it is not ready, nothing is done and nothing is in the audit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'maqiao-published-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const own = `maqiao-${version}-linux-${process.arch}.tar.gz`
  writeFileSync(join(folder, own), 'a bundle')
  writeFileSync(join(folder, 'notes'), '- 第一条\n\n第二条\n')
  const said = execFileSync(process.execPath, [join(root, 'scripts/sign-update.mjs'), '--key', join(folder, 'key'), '--notes', join(folder, 'notes'), folder], { stdio: ['ignore', 'pipe', 'ignore'] }).toString()
  const publicKey = /^update\.publicKey: (\S+)$/m.exec(said)![1]!

  const t = await startTestTerminal({ settings: { update: { from: folder, publicKey } } })
  onTestFinished(() => t.close())
  const technician = await enterAsTechnician(t)
  expect((await technician.get('')).body.update).toMatchObject({ state: 'never', from: folder })
  // Terminals of tests call themselves 0.0.0: what was published is newer.
  const { body } = await technician.send('POST', '/update/look')
  expect(body).toMatchObject({ state: 'newer', newer: { version, notes: ['第一条', '第二条'], name: own } })
  expect(readFileSync(body.newer.file, 'utf8')).toBe('a bundle')
  expect((await technician.get('')).body.update).toEqual(body)

  const refused = await technician.send('POST', '/update/install', { version: '9.9.9', why: '试' })
  expect([refused.status, refused.body.error.code]).toEqual([409, 'UPDATE_NOT_READY'])
  expect((await technician.send('POST', '/update/install', { version })).status).toBe(400)
  expect(technician.audited().map(({ what }) => what)).not.toContain('update.asked')
})
