import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eVoucher } from '../../../../src/transcode/platforms/e-voucher/e-voucher.ts'
import { eVoucherSettings } from '../../../../src/transcode/platforms/e-voucher/settings.ts'
import type { Answer } from '../../../../src/transcode/platforms/platform.ts'
import type { PlatformError } from '../../../../src/transcode/platforms/platform-error.ts'
import { playedHttp, playedTools } from '../../../support/played-http.ts'

const hasCompiler = (() => {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe.skipIf(!hasCompiler)(
  `the insurance DLL${hasCompiler ? '' : ' (skipped: no gcc to compile the library with)'}`,
  () => {
    let folder: string
    let dll: string
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'maqiao-dll-'))
      dll = join(folder, 'libecquery.so')
      execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-w', '-o', dll, join(import.meta.dirname, 'ec-query.c')])
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    function platform(more: Record<string, unknown> = {}) {
      const { tools, logged } = playedTools(playedHttp(() => ({})).http)
      const holders: string[] = []
      let lentNow = 0
      const lend = async (why: string) => {
        holders.push(why)
        expect((lentNow += 1)).toBe(1)
        return () => void (lentNow -= 1)
      }
      const settings = eVoucherSettings.parse({ dll, codeField: 'ecQrCode', requestTimeoutMs: 10_000, ...more })
      const created = eVoucher.create(settings, { ...tools, lend })
      return {
        ask: (text: string, options: { signal?: AbortSignal } = {}): Promise<Answer> =>
          created.ask!({ format: 'e-voucher', text }, options),
        fault: (text: string, options: { signal?: AbortSignal } = {}) =>
          created.ask!({ format: 'e-voucher', text }, options).then(
            () => expect.unreachable(),
            (error: PlatformError) => error,
          ),
        logged,
        holders,
        lentNow: () => lentNow,
      }
    }

    it.each([
      ['gbk', 'EcQuery'],
      ['utf-8', 'EcQueryUtf8'],
    ])('answers in %s', async (encoding, symbol) => {
      const { ask, holders, lentNow } = platform({ encoding, symbol })
      const answer = await ask('plain')
      expect(answer.patient).toEqual({ name: '测试', idType: '01', idTypeName: '居民身份证' })
      expect(answer.eVoucher).toMatchObject({ ecToken: 'T1' })
      expect([holders.length, lentNow()]).toEqual([1, 0])
    })

    it('is given the message in its own encoding', async () => {
      for (const [encoding, symbol] of [
        ['gbk', 'EcQuery'],
        ['utf-8', 'EcQueryUtf8'],
      ] as const) {
        const { ask } = platform({ encoding, symbol, officeId: '32760', officeName: '消化内科', businessType: '01301' })
        expect((await ask('ECHO')).eVoucher?.extData).toEqual({
          data: {
            orgId: 'H34010000001',
            businessType: '01301',
            operatorId: 'W01',
            operatorName: 'W01',
            officeId: '32760',
            officeName: '消化内科',
            ecQrCode: 'ECHO',
          },
          orgId: 'H34010000001',
          transType: 'ec.query',
        })
      }
    })

    it('does not inherit the secrets of the environment', async () => {
      process.env['MAQIAO_TEST_SECRET'] = 'secret'
      try {
        expect((await platform().ask('ENV')).eVoucher?.extData).toEqual({ secret: false, path: true })
      } finally {
        delete process.env['MAQIAO_TEST_SECRET']
      }
    })

    it.each([
      ['CRASH', 'DLL_CRASHED'],
      ['EXIT', 'DLL_CRASHED'],
      ['SMASH', 'DLL_CRASHED'],
      ['OVERRUN', 'DLL_OVERRUN'],
      ['UNENDED', 'DLL_OVERRUN'],
      ['NOTHING', 'REPLY_EMPTY'],
      ['RUBBISH', 'REPLY_NOT_JSON'],
    ])('takes nothing down and is not believed when it does this: %s', async (code, fault) => {
      const { fault: faultOf, ask, lentNow, logged } = platform()
      const error = await faultOf(code)
      expect([error.fault.code, error.ending]).toEqual([fault, 'unavailable'])
      expect(lentNow()).toBe(0)
      expect(logged.join()).toMatch(new RegExp(fault))
      expect((await ask('plain')).patient?.name).toBe('测试')
    })

    it('is refused in its own words, or by its number', async () => {
      const { fault } = platform()
      expect(await fault('REFUSED').then((error) => [error.ending, error.fault.code, error.fault.message])).toEqual([
        'rejected',
        '-1001',
        'refused by the library',
      ])
      expect(await fault('NUMBER').then((error) => [error.ending, error.fault.code])).toEqual(['rejected', '-7'])
    })

    it('is ended when it hangs, and the scanner is back only then', async () => {
      const { fault, lentNow } = platform({ requestTimeoutMs: 3000 })
      const hanging = fault('HANG')
      while (processesNaming(dll).length === 0) await new Promise((done) => setTimeout(done, 50))
      expect(lentNow()).toBe(1)
      expect((await hanging).fault.code).toBe('DLL_TIMEOUT')
      expect(lentNow()).toBe(0)
      expect(processesNaming(dll)).toEqual([])
    })

    it('is ended when nobody waits any longer', async () => {
      const { fault, lentNow } = platform()
      const giveUp = new AbortController()
      setTimeout(() => giveUp.abort(), 300)
      expect((await fault('HANG', { signal: giveUp.signal })).fault.code).toBe('REQUEST_ABORTED')
      expect(lentNow()).toBe(0)
      expect((await fault('plain', { signal: AbortSignal.abort() })).sent).toBe(false)
    })

    it('is called by one at a time, each in a process of its own', async () => {
      const { ask } = platform()
      const answers = await Promise.all(['SLOW', 'SLOW', 'plain'].map((code) => ask(code)))
      const ids = answers.map((answer) => (answer.eVoucher?.extData as { pid: number }).pid)
      expect(new Set(ids).size).toBe(3)
      expect(ids).not.toContain(process.pid)
    })

    it('that is not there, has no such function or is no library is named', async () => {
      expect((await platform({ dll: join(folder, 'none.so') }).fault('plain')).fault.code).toBe('DLL_MISSING')
      expect((await platform({ dll: join(import.meta.dirname, 'ec-query.c') }).fault('plain')).fault.code).toBe(
        'DLL_MISSING',
      )
      expect((await platform({ symbol: 'NoSuchFunction' }).fault('plain')).fault.code).toBe('DLL_SYMBOL')
    })

    it('is not asked where the scanner cannot be lent', async () => {
      const { tools } = playedTools(playedHttp(() => ({})).http)
      const settings = eVoucherSettings.parse({ dll })
      const created = eVoucher.create(settings, { ...tools, lend: () => Promise.reject(new Error('busy')) })
      const error = await created.ask!({ format: 'e-voucher', text: 'plain' }, {}).then(
        () => undefined,
        (fault: PlatformError) => fault,
      )
      expect([error?.fault.code, error?.sent]).toEqual(['SCANNER_NOT_LENT', false])
    })
  },
)

/** Processes that have the library in memory (Linux). */
function processesNaming(library: string): string[] {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false
    try {
      return (
        execFileSync('grep', ['-c', library, `/proc/${id}/maps`], { stdio: ['ignore', 'pipe', 'ignore'] })
          .toString()
          .trim() !== '0'
      )
    } catch {
      return false
    }
  })
}
