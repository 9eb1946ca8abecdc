import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createHub } from '../../src/devices/hub.ts'
import { createSerialScanner } from '../../src/devices/serial/serial-scanner.ts'
import { createVirtualScanner } from '../../src/devices/serial/virtual-scanner.ts'
import { listen } from '../support/heard.ts'
import { createPty } from '../support/pty.ts'

const heapMb = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

it('memory stays flat over 100,000 scans of two devices', async () => {
  const scanners = [createVirtualScanner({ id: 'serial:one' }), createVirtualScanner({ id: 'serial:two' })]
  let now = 0
  const hub = createHub({ scanners, now: () => now })
  let count = 0
  hub.onScan(() => count++)
  hub.start()
  const scan = (index: number): void => {
    now += 10
    scanners[index % 2]!.feed(`${index}:${'x'.repeat(120)}`)
  }
  for (let index = 0; index < 20_000; index++) scan(index)
  const before = heapMb()
  for (let index = 20_000; index < 120_000; index++) scan(index)
  expect(count).toBe(120_000)
  expect(heapMb() - before).toBeLessThan(15)
  await hub.stop()
})

it('pulled 100 times in the middle of a scan: opened again each time, nothing half comes through', async () => {
  const pty = await createPty()
  const scanner = createSerialScanner({ path: pty.path, retryFirstMs: 20, retryMaxMs: 100, presencePollMs: 200 })
  const heard = listen(scanner)
  for (let round = 0; round < 100; round++) {
    await heard.until(() => heard.state() === 'open')
    const before = heard.states.length
    await pty.write(`WHOLE${round}\r`)
    await heard.until(() => heard.texts.includes(`WHOLE${round}`))
    await pty.write('HALF')
    await sleep(round % 5)
    await pty.unplug()
    await heard.until(() => heard.states.slice(before).some(({ state }) => state === 'missing'))
    await pty.plug()
  }
  const start = process.cpuUsage()
  await sleep(1000)
  const { user, system } = process.cpuUsage(start)
  expect((user + system) / 1000).toBeLessThan(300)
  expect(heard.texts).toEqual(Array.from({ length: 100 }, (_, round) => `WHOLE${round}`))
  await scanner.close()
  await pty.close()
}, 60_000)

it('ten megabytes of noise: no stall, no growth, and the next code is read', async () => {
  const pty = await createPty()
  const scanner = createSerialScanner({ path: pty.path })
  const heard = listen(scanner)
  await heard.until(() => heard.state() === 'open')
  for (let part = 0; part < 10; part++) await pty.write(randomBytes(1024 * 1024))
  await sleep(300)
  await pty.write('GOOD CODE\r')
  await heard.until(() => heard.texts.at(-1) === 'GOOD CODE')
  await scanner.close()
  await pty.close()
}, 60_000)
