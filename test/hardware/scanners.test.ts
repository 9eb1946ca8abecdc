import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startMachine, type Machine } from './machine.ts'

const SERIAL = 'serial:0403'
const ACM = 'serial:/dev/ttyACM0'
const HID = 'hid:1209:8c03'
const KEYBOARD = 'hid:0627'
/** An 安康码; no platform is configured, and the agent says so in an Outcome of its own. */
const codeOf = (number: number): string =>
  `https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=${String(number).padStart(32, 'A1b2')}&cityNo=340100000000`
const CODE = codeOf(0)
/** How often the cable is pulled in the middle of a scan. */
const PULLS = Number(process.env.MAQIAO_HARDWARE_PULLS ?? 30)
/** Percent of a core. A read loop that spins takes all of it; emulated, waiting for three devices takes a third. */
const SPINNING = 70

let machine: Machine
beforeAll(async () => {
  machine = await startMachine()
}, 600_000)
afterAll(async () => {
  await machine?.stop()
})

const mark = (): number => machine.events.length
const state = (device: string, wanted: string, from: number) =>
  machine.until((event) => event.event === 'state' && event.device === device && event.state === wanted, from)
const scan = (device: string, text: string, from: number) =>
  machine.until((event) => event.event === 'scan' && event.device === device && event.text === text, from)

let plugged = false
/** The adapter itself is plugged with the first cable; after that the cable is the plug. */
async function plug(): Promise<Socket> {
  const from = mark()
  const scanner = await machine.plugSerial()
  if (!plugged) await machine.qmp('device_add', { driver: 'usb-serial', chardev: 'serial', id: 'gun', serial: 'FT0001' })
  plugged = true
  await state(SERIAL, 'open', from)
  return scanner
}

async function pull(scanner: Socket): Promise<void> {
  const from = mark()
  scanner.destroy()
  await state(SERIAL, 'missing', from)
}

it('serial: plugged, scanned with, pulled while idle, plugged again', async () => {
  const first = await plug()
  let from = mark()
  first.write(`${CODE}\r`)
  await scan(SERIAL, CODE, from)
  await pull(first)
  expect(await machine.ask('cpu')).toBeLessThan(SPINNING)
  const second = await plug()
  from = mark()
  second.write('AGAIN\r\n')
  await scan(SERIAL, 'AGAIN', from)
  await pull(second)
})

it('serial: comes back under another number and is found by its USB ids', async () => {
  const first = await plug()
  // Somebody holds the old number.
  await machine.ask('hold', { path: '/dev/ttyUSB0' })
  await pull(first)
  const second = await plug()
  expect(await machine.ask('sh', { command: 'ls /dev | grep ttyUSB' })).toContain('ttyUSB1')
  const from = mark()
  second.write('ANOTHER NUMBER\r')
  await scan(SERIAL, 'ANOTHER NUMBER', from)
  await pull(second)
})

it(`serial: pulled ${PULLS} times in the middle of a scan: reopened, no core spinning, no whole code lost, none spoilt by a half one`, async () => {
  const start = mark()
  const published = (await machine.ask('outcomes', { format: 'ankang' })) as number
  let busiest = 0
  for (let round = 1; round <= PULLS; round++) {
    const scanner = await plug()
    let from = mark()
    scanner.write(`${codeOf(round)}\rHALF`)
    await scan(SERIAL, codeOf(round), from)
    from = mark()
    await sleep((round % 4) * 10)
    await pull(scanner)
    if (round % 10 === 0) busiest = Math.max(busiest, (await machine.ask('cpu')) as number)
  }
  const texts = machine.events.slice(start).filter(({ event }) => event === 'scan').map(({ text }) => text)
  expect(texts.filter((text) => text !== 'HALF')).toEqual(Array.from({ length: PULLS }, (_, index) => codeOf(index + 1)))
  await expect.poll(() => machine.ask('outcomes', { format: 'ankang' }), { timeout: 10_000 }).toBe(published + PULLS)
  expect(busiest).toBeLessThan(SPINNING)
}, 600_000)

it('HID POS and serial on one composite USB scanner: read, pulled, replugged', async () => {
  let from = mark()
  await machine.ask('gadget', { how: 'plug' })
  await Promise.all([state(HID, 'open', from), state(ACM, 'open', from)])
  from = mark()
  await machine.ask('hidScan', { text: CODE, aim: ']Q1' })
  expect((await scan(HID, CODE, from)).aim).toBe(']Q1')
  await machine.ask('hidScan', { text: '张三', aim: ']Q1' })
  await scan(HID, '张三', from)
  await machine.ask('serialScan', { text: CODE })
  await scan(ACM, CODE, from)
  from = mark()
  await machine.ask('gadget', { how: 'unplug' })
  await Promise.all([state(HID, 'missing', from), state(ACM, 'missing', from)])
  from = mark()
  await machine.ask('gadget', { how: 'replug' })
  await Promise.all([state(HID, 'open', from), state(ACM, 'open', from)])
  from = mark()
  await machine.ask('hidScan', { text: 'AGAIN', aim: ']C0' })
  await scan(HID, 'AGAIN', from)
  expect(await machine.ask('cpu')).toBeLessThan(SPINNING)
})

it('a scanner in keyboard mode is named as such', async () => {
  const from = mark()
  await machine.qmp('device_add', { driver: 'usb-kbd', id: 'wedge' })
  const found = await machine.until((event) => event.device === KEYBOARD && event.fault === 'DEVICE_KEYBOARD_MODE', from)
  expect(found.state).toBe('failed')
})
