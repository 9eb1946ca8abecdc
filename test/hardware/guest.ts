/** Runs inside the machine: the agent with its scanners on real drivers, told what to do by JSON lines on a virtio port. */
import { execFileSync, spawn } from 'node:child_process'
import { openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createAgent } from '../../src/agent/create-agent.ts'
import { createLog } from '../../src/agent/log.ts'
import { parseSettings } from '../../src/agent/settings-file.ts'
import { POS_DESCRIPTOR, posReports } from '../support/hid-pos.ts'

const PORTS = '/sys/class/virtio-ports'
const name = readdirSync(PORTS).find((port) => readFileSync(`${PORTS}/${port}/name`, 'utf8').trim() === 'maqiao')
// The port opens only once: `cat` reads from this very descriptor.
const channel = openSync(`/dev/${name}`, 'r+')
const say = (message: object): void => void writeSync(channel, `${JSON.stringify(message)}\n`)

const settings = parseSettings({
  terminal: { id: 'HARDWARE' },
  devices: {
    serial: [{ match: { vendorId: '0403' } }, { path: '/dev/ttyACM0' }],
    hid: [{ vendorId: 0x1209, productId: 0x8c03 }, { vendorId: 0x0627 }],
  },
  recognition: { repeatWithinMs: 0 },
})
const log = createLog({ level: 'error', maxFileBytes: 1_000_000, files: 1 })
const agent = createAgent({ settings, dataDir: '/tmp/data', log, version: 'hardware' })
const { hub } = agent
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
  /** How many outcomes of a format the agent has published. */
  outcomes: ({ format }) => agent.outcomes(0, 1000).filter(({ code }) => code.format === format).length,
}

createInterface({ input: spawn('cat', { stdio: [channel, 'pipe', 'inherit'] }).stdout! }).on('line', async (line) => {
  const message = JSON.parse(line) as { id: number; verb: string }
  try {
    say({ answer: message.id, value: (await verbs[message.verb]!(message as never)) ?? null })
  } catch (error) {
    say({ answer: message.id, error: (error as Error).message })
  }
})
await agent.start()
say({ event: 'ready', node: process.version })
