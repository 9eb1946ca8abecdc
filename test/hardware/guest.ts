/** Runs inside the machine: the project's own scanners on real drivers, told what to do by JSON lines on a virtio port. */
import { execFileSync, spawn } from 'node:child_process'
import { openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createHub } from '../../src/devices/hub.ts'
import { createHidScanner } from '../../src/devices/hid/hid-scanner.ts'
import { createSerialScanner } from '../../src/devices/serial/serial-scanner.ts'
import { POS_DESCRIPTOR, posReports } from '../support/hid-pos.ts'

const PORTS = '/sys/class/virtio-ports'
const name = readdirSync(PORTS).find((port) => readFileSync(`${PORTS}/${port}/name`, 'utf8').trim() === 'maqiao')
// The port opens only once: `cat` reads from this very descriptor.
const channel = openSync(`/dev/${name}`, 'r+')
const say = (message: object): void => void writeSync(channel, `${JSON.stringify(message)}\n`)

const hub = createHub({
  scanners: [
    createSerialScanner({ match: { vendorId: '0403' } }),
    createSerialScanner({ path: '/dev/ttyACM0' }),
    createHidScanner({ vendorId: 0x1209, productId: 0x8c03 }),
    createHidScanner({ vendorId: 0x0627 }),
  ],
  repeatWithinMs: 0,
})
hub.onScan(({ text, source, aim }) => say({ event: 'scan', device: source.device, text, aim }))
hub.onStatus(({ id, state, fault }) => say({ event: 'state', device: id, state, fault: fault?.code }))

const verbs: Record<string, (message: { readonly [key: string]: string }) => unknown> = {
  gadget({ how }) {
    writeFileSync('/tmp/descriptor', POS_DESCRIPTOR)
    return execFileSync('sh', ['/repo/test/hardware/gadget.sh', how!, '/tmp/descriptor']).toString()
  },
  hidScan({ text, aim }) {
    for (const report of posReports(text!, aim)) writeFileSync('/dev/hidg0', report)
  },
  serialScan: ({ text }) => execFileSync('sh', ['-c', 'stty -F /dev/ttyGS0 raw -echo; printf "%s\\r" "$0" > /dev/ttyGS0', text!]).toString(),
  /** Percent of one core over a second. */
  cpu: () =>
    new Promise((resolve) => {
      const start = process.cpuUsage()
      setTimeout(() => {
        const { user, system } = process.cpuUsage(start)
        resolve(Math.round((user + system) / 1e4))
      }, 1000)
    }),
  sh: ({ command }) => execFileSync('sh', ['-c', `${command} 2>&1`]).toString(),
  hold: ({ path }) => {
    spawn('sleep', ['600'], { stdio: [openSync(path!, 'r'), 'ignore', 'ignore'] }).unref()
  },
  status: () => hub.status(),
}

createInterface({ input: spawn('cat', { stdio: [channel, 'pipe', 'inherit'] }).stdout! }).on('line', async (line) => {
  const message = JSON.parse(line) as { id: number; verb: string }
  try {
    say({ answer: message.id, value: (await verbs[message.verb]!(message as never)) ?? null })
  } catch (error) {
    say({ answer: message.id, error: (error as Error).message })
  }
})
hub.start()
say({ event: 'ready', node: process.version })
