/** A data directory without room, seen from the HIS and the screens. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { PEOPLE } from '../../src/simulator/people.ts'
import { startTestTerminal, until, type TestTerminal } from '../support/terminal.ts'

const RESULT = { tradeNo: 'FULL-1', tradeState: '1', msg: '挂号成功', medicalStep: '010105', department: '内科' }
const { TMPDIR } = process.env
const place = mkdtempSync(join(tmpdir(), 'maqiao-full-'))
const small = join(place, 'small')
mkdirSync(small)
const canMount = process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'none', small]).status === 0

let t: TestTerminal | undefined
afterEach(async () => {
  await t?.close()
  if (TMPDIR === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = TMPDIR
  if (canMount) spawnSync('umount', ['-l', small])
  rmSync(place, { recursive: true })
})

test.skipIf(!canMount)('full (a tmpfs; needs root): scans go on, staff are told, the HIS gets 507, nothing acknowledged is lost', async () => {
  process.env['TMPDIR'] = small
  t = await startTestTerminal()
  const { simulator, request, terminal } = t
  const codes = () => terminal.agent.notices().map(({ code }) => code)
  const text = () => simulator.samples().find(({ id }) => id === 'card-static')!.text()
  const before = await t.scan(text())
  const back = await simulator.outage()
  spawnSync('dd', ['if=/dev/zero', `of=${join(small, 'ballast')}`, 'bs=16k'])

  const acknowledged: string[] = []
  let refused: Awaited<ReturnType<typeof request>> | undefined
  for (let n = 0; n < 20_000 && !refused; n++) {
    const answer = await request('POST', `/api/v1/outcomes/${before.id}/result`, { ...RESULT, tradeNo: `FULL-${n}`, msg: 'x'.repeat(90) })
    if (answer.status === 202) acknowledged.push(...answer.body.reports)
    else refused = answer
  }
  expect([refused?.status, refused?.body.error.code]).toEqual([507, 'OUTBOX_DISK_FULL'])
  expect(refused?.body.error).toMatchObject({ message: expect.stringContaining('磁盘已满'), advice: expect.any(String) })
  expect(codes()).toContain('OUTBOX_DISK_FULL')
  const during = await t.scan(PEOPLE[0].idNumber)
  expect(during.status).toBe('accepted')
  expect((await request('GET', `/api/v1/outcomes?after=${during.seq - 1}`)).body.outcomes).toMatchObject([{ id: during.id }])

  rmSync(join(small, 'ballast'))
  await until(codes, (now) => !now.includes('OUTBOX_DISK_FULL'), 15_000)
  const again = await request('POST', `/api/v1/outcomes/${before.id}/result`, { ...RESULT, tradeNo: 'FULL-AFTER' })
  expect(again.status).toBe(202)
  acknowledged.push(...again.body.reports)
  await back()
  await until(() => terminal.agent.outbox.status().pending, (pending) => pending === 0, 30_000)
  const delivered = Object.values(terminal.agent.outbox.delivered(0)).reduce((sum, count) => sum + count, 0)
  expect([delivered, terminal.agent.outbox.status().dead]).toEqual([new Set(acknowledged).size, 0])
  expect(codes()).toEqual([])
}, 90_000)
