import { setTimeout as sleep } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import iconv from 'iconv-lite'
import { afterEach, describe, expect, it } from 'vitest'
import { createSerialScanner, type SerialScannerOptions } from '../../../src/devices/serial/serial-scanner.ts'
import { listen } from '../../support/heard.ts'
import { createPty } from '../../support/pty.ts'

const ANKANG = `https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=${'A1b2'.repeat(8)}&cityNo=340100000000`
const cleanUps: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function setUp(options: Partial<SerialScannerOptions> = {}) {
  const pty = await createPty()
  cleanUps.push(() => pty.close())
  const scanner = createSerialScanner({ path: pty.path, retryFirstMs: 20, retryMaxMs: 100, presencePollMs: 200, ...options })
  cleanUps.push(() => scanner.close())
  const heard = listen(scanner)
  await heard.until(() => heard.state() === 'open')
  return { pty, scanner, heard }
}

describe('serial scanner on a tty', () => {
  it('reads glued, split and paced codes', async () => {
    const { pty, heard } = await setUp()
    await pty.write('ONE\rTWO\r\nTHREE\n\x02FOUR\x03')
    await pty.write('FI')
    await sleep(10)
    await pty.write('VE\r')
    await pty.write('\nSIX\r')
    await pty.writePaced(`${ANKANG}\r`, 1)
    await heard.until(() => heard.texts.length === 7)
    expect(heard.texts).toEqual(['ONE', 'TWO', 'THREE', 'FOUR', 'FIVE', 'SIX', ANKANG])
  })

  it('reads a code without a terminator at the idle gap', async () => {
    const { pty, heard } = await setUp()
    await pty.write(']Q1FIRST')
    await heard.until(() => heard.texts.length === 1)
    await pty.write('SECOND')
    await heard.until(() => heard.texts.length === 2)
    expect(heard.texts).toEqual(['FIRST', 'SECOND'])
    expect(heard.aims).toEqual([']Q1', undefined])
  })

  it('reads GBK and UTF-8, whichever comes', async () => {
    const { pty, heard } = await setUp()
    await pty.write(iconv.encode('姓名：鲁班\r', 'gbk'))
    await pty.write('姓名：鲁班\r')
    await heard.until(() => heard.texts.length === 2)
    expect(heard.texts).toEqual(['姓名：鲁班', '姓名：鲁班'])
  })

  it('keeps a half code from spoiling the whole one after a pause', async () => {
    const { pty, heard } = await setUp()
    await pty.write('HALF')
    await sleep(400)
    await pty.write('WHOLE\r')
    await heard.until(() => heard.texts.includes('WHOLE'))
    expect(heard.texts).toEqual(['HALF', 'WHOLE'])
  })

  it('drops NULs and stray control characters', async () => {
    const { pty, heard } = await setUp()
    await pty.write('\0\0\0CO\0DE\x07\0\r\0\0\r')
    await heard.until(() => heard.texts.length === 1)
    await pty.write('NEXT\r')
    await heard.until(() => heard.texts.length === 2)
    expect(heard.texts).toEqual(['CODE', 'NEXT'])
  })

  it('reads the good code after a megabyte of noise', async () => {
    const { pty, heard } = await setUp()
    const noise = randomBytes(1024 * 1024)
    noise.write('rest', noise.length - 4)
    const told = () => heard.texts.length + heard.states.length
    await pty.write(noise)
    await heard.until(() => heard.received === noise.length)
    const before = told()
    await sleep(200)
    // A busy machine sees the pause later; what it makes of the rest says when.
    await heard.until(() => told() > before)
    await pty.write(`${ANKANG}\r`)
    await heard.until(() => heard.texts.at(-1) === ANKANG)
    expect(heard.states.at(-1)).toMatchObject({ state: 'open', fault: undefined })
  })

  it('says so when a code never ends, and reads the next one', async () => {
    const { pty, heard } = await setUp()
    await pty.write('x'.repeat(100_000))
    await heard.until(() => heard.states.at(-1)?.fault?.code === 'DEVICE_OVERFLOW')
    await heard.until(() => heard.received === 100_000)
    await sleep(300)
    await pty.write('GOOD\r')
    await heard.until(() => heard.texts.length > 0)
    expect(heard.texts).toEqual(['GOOD'])
    expect(heard.state()).toBe('open')
    expect(heard.states.at(-1)?.fault).toBeUndefined()
  })

  it('reads a burst of 2000 codes as 2000', async () => {
    const { pty, heard } = await setUp()
    const codes = Array.from({ length: 2000 }, (_, index) => `${index}:${ANKANG}`)
    await pty.write(codes.map((code) => `${code}\r`).join(''))
    await heard.until(() => heard.texts.length >= 2000, 10_000)
    expect(heard.texts).toEqual(codes)
  })

  it('takes off the configured prefix and suffix and ends at the configured terminator', async () => {
    const { pty, heard } = await setUp({ prefix: 'P>', suffix: '<S', terminator: '##' })
    await pty.write('P>A\rB<S#')
    await pty.write('#P>C#D<S##')
    await heard.until(() => heard.texts.length === 2)
    expect(heard.texts).toEqual(['AB', 'C#D'])
  })

  it('shows the unplugged scanner, and reads on when it is back', async () => {
    const { pty, heard } = await setUp()
    for (let round = 1; round <= 3; round++) {
      await pty.unplug()
      await heard.until(() => heard.state() === 'missing')
      await pty.plug()
      await heard.until(() => heard.state() === 'open')
      await pty.write(`ROUND${round}\r`)
      await heard.until(() => heard.texts.length === round)
    }
    expect(heard.texts).toEqual(['ROUND1', 'ROUND2', 'ROUND3'])
    expect(heard.states.filter(({ state }) => state === 'missing')[0]?.fault?.code).toBe('DEVICE_UNPLUGGED')
  })

  it('pulled in the middle of a scan: notices, keeps no core busy, forgets the half code, reads on', async () => {
    const { pty, heard } = await setUp()
    for (let round = 1; round <= 12; round++) {
      const before = heard.states.length
      await pty.write(`DONE${round}\r`)
      await heard.until(() => heard.texts.includes(`DONE${round}`))
      await pty.write('HALF')
      await sleep(round % 3 === 0 ? 0 : 5)
      await pty.unplug()
      await heard.until(() => heard.states.slice(before).some(({ state }) => state === 'missing'), 3000)
      if (round === 1) {
        const start = process.cpuUsage()
        await sleep(500)
        const { user, system } = process.cpuUsage(start)
        expect((user + system) / 1000).toBeLessThan(250)
      }
      await pty.plug()
      await heard.until(() => heard.state() === 'open')
    }
    await pty.write('LAST\r')
    await heard.until(() => heard.texts.includes('LAST'))
    expect(heard.texts).toEqual([...Array.from({ length: 12 }, (_, index) => `DONE${index + 1}`), 'LAST'])
  })

  it('acknowledges each code and refuses noise where the settings say so, and else writes nothing', async () => {
    const { pty, heard } = await setUp({ ack: true })
    await pty.write('ONE\r')
    await heard.until(() => heard.texts.length === 1)
    await pty.write(Uint8Array.of(0x41, 0x81, 0x20, 0x0d))
    await heard.until(() => heard.states.at(-1)?.fault?.code === 'DEVICE_GARBLED')
    await pty.write('TWO\r')
    await heard.until(() => heard.texts.length === 2)
    await expect.poll(() => [...pty.received()]).toEqual([0x06, 0x15, 0x06])
    const silent = await setUp()
    await silent.pty.write('ONE\r')
    await silent.heard.until(() => silent.heard.texts.length === 1)
    await sleep(50)
    expect([...silent.pty.received()]).toEqual([])
  })

  it('waits for a scanner that is not there yet', async () => {
    const pty = await createPty()
    cleanUps.push(() => pty.close())
    await pty.unplug()
    const scanner = createSerialScanner({ path: pty.path, retryFirstMs: 5000, retryMaxMs: 5000 })
    cleanUps.push(() => scanner.close())
    const heard = listen(scanner)
    await heard.until(() => heard.state() === 'missing')
    expect(heard.states.at(-1)?.fault?.code).toBe('DEVICE_MISSING')
    await pty.plug()
    // Long before the next try: the folder is watched.
    await heard.until(() => heard.state() === 'open', 2000)
  })

  it('says that another program holds the port, and opens it when it is free', async () => {
    const { pty, scanner } = await setUp()
    const second = createSerialScanner({ path: pty.path, retryFirstMs: 20, retryMaxMs: 50 })
    cleanUps.push(() => second.close())
    const heard = listen(second)
    await heard.until(() => heard.state() === 'busy')
    expect(heard.states.at(-1)?.fault?.code).toBe('DEVICE_BUSY')
    await scanner.close()
    await heard.until(() => heard.state() === 'open')
    await pty.write('MINE\r')
    await heard.until(() => heard.texts.length === 1)
  })

  it('lends the port and takes it back', async () => {
    const { pty, scanner, heard } = await setUp()
    const giveBack = await scanner.lend!()
    expect(heard.state()).toBe('lent')
    const borrower = createSerialScanner({ path: pty.path })
    cleanUps.push(() => borrower.close())
    const borrowed = listen(borrower)
    await borrowed.until(() => borrowed.state() === 'open')
    await pty.write('THEIRS\r')
    await borrowed.until(() => borrowed.texts.length === 1)
    await borrower.close()
    giveBack()
    await heard.until(() => heard.state() === 'open')
    await pty.write('OURS\r')
    await heard.until(() => heard.texts.length === 1)
    expect(heard.texts).toEqual(['OURS'])
  })

  it('knows no command for a scanner that does not say what it is', async () => {
    const { pty, scanner } = await setUp()
    await expect(scanner.command!('beep')).rejects.toMatchObject({ code: 'DEVICE_WRONG_MODE' })
    await pty.unplug()
    await expect.poll(async () => scanner.command!('beep').catch((error) => error.code)).toBe('DEVICE_MISSING')
  })

  it('opens with other line settings', async () => {
    const { pty, heard } = await setUp({ baudRate: 115_200, dataBits: 8, parity: 'even', stopBits: 2, dtr: true, rts: false })
    await pty.write('CODE\r')
    await heard.until(() => heard.texts.length === 1)
    expect(heard.texts).toEqual(['CODE'])
  })

  it('can be closed at any time and opened again', async () => {
    const { pty, scanner } = await setUp()
    await scanner.close()
    await scanner.close()
    const heard = listen(scanner)
    const closing = scanner.close()
    await closing
    const count = heard.states.length
    await sleep(100)
    expect(heard.states.length).toBe(count)
    const again = listen(scanner)
    await again.until(() => again.state() === 'open')
    await pty.write('AGAIN\r')
    await again.until(() => again.texts.length === 1)
  })
})
