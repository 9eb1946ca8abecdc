/** `npm run bench [-- PART…]`: each figure against its floor or peer in the same run; JSON lines and a table. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent as HttpAgent, request } from 'node:http'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { SerialPort } from 'serialport'
import { createPty } from '../support/pty.ts'
import { settingsFile } from '../support/process.ts'
import { startTestTerminal } from '../support/terminal.ts'
import { benchCrypto } from './crypto.ts'
import { benchDecode } from './decode.ts'
import { benchKeyboard } from './keyboard.ts'
import { benchScanners } from './scanners.ts'
import { benchEnqueue, percentile } from './outbox.ts'
import { benchPaint } from './paint.ts'
import { helpIfAsked } from '../../scripts/help.mjs'

helpIfAsked('bench')

type Figure = { name: string; value: number; unit: string; floor?: number; aim?: string; holds?: boolean; note?: string }
const figures: Figure[] = []

function figure(entry: Figure): void {
  figures.push(entry)
  process.stdout.write(`${JSON.stringify(entry)}\n`)
}

const p = (values: number[], share: number) => Math.round(percentile(values, share) * 100) / 100

const PARTS = { scan: scanToOutcome, outbox: durableEnqueue, crypto: signedRoundTrip, start: coldStart, scanners, keyboard, pictures, paint: painted }
const wanted = process.argv.slice(2)
for (const [part, run] of Object.entries(PARTS)) if (wanted.length === 0 || wanted.includes(part)) await run()
process.stdout.write(`\n${cpus()[0]?.model ?? ''} × ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n`)
console.table(
  Object.fromEntries(
    figures.map(({ name, value, unit, floor, aim, holds }) => [name, { figure: `${value} ${unit}`, floor: floor ?? '', aim: aim ?? '', holds: holds ?? '' }]),
  ),
)

/** A code at the tty to its published outcome, through the whole agent, against a bare serialport read plus a bare http request. */
async function scanToOutcome(rounds = 400): Promise<void> {
  const t = await startTestTerminal({ settings: { recognition: { repeatWithinMs: 0 }, log: { level: 'error' } } })
  const sample = t.simulator.samples().find(({ id }) => id === 'card-static')
  const text = sample?.text() ?? ''
  const whole: number[] = []
  const asked: number[] = []
  let published = (_at: number): void => {}
  t.terminal.agent.events.subscribe((event) => event.type === 'outcome' && published(performance.now()))
  for (let round = -30; round < rounds; round++) {
    const done = new Promise<number>((resolve) => (published = resolve))
    const startedAt = performance.now()
    await t.pty.write(`${text}\r`)
    const at = await done
    if (round >= 0) whole.push(at - startedAt)
  }
  for (const outcome of t.terminal.agent.latestOutcomes(rounds)) asked.push(outcome.elapsedMs)

  const read = await bareSerialRead(`${text}\r`, rounds)
  const http = await bareRequest(t.simulator.origin, rounds)
  await t.close()
  const floorP50 = p(read, 0.5) + p(http, 0.5)
  const over = Math.round((p(whole, 0.5) - floorP50) * 100) / 100
  figure({ name: 'scan to outcome p50', value: p(whole, 0.5), unit: 'ms', floor: floorP50, aim: 'floor + 3 ms', holds: over <= 3, note: `over the floor ${over} ms` })
  figure({ name: 'scan to outcome p99', value: p(whole, 0.99), unit: 'ms', floor: p(read, 0.99) + p(http, 0.99) })
  figure({ name: 'of it in transcode p50', value: p(asked, 0.5), unit: 'ms' })
}

async function bareSerialRead(text: string, rounds: number): Promise<number[]> {
  const pty = await createPty()
  const port = new SerialPort({ path: pty.path, baudRate: 9600 })
  await new Promise<void>((resolve, reject) => port.once('open', () => resolve()).once('error', reject))
  const times: number[] = []
  let size = 0
  let arrived = (): void => {}
  port.on('data', (data: Buffer) => {
    size += data.length
    if (size >= text.length) arrived()
  })
  for (let round = -30; round < rounds; round++) {
    size = 0
    const done = new Promise<void>((resolve) => (arrived = resolve))
    const startedAt = performance.now()
    await pty.write(text)
    await done
    if (round >= 0) times.push(performance.now() - startedAt)
  }
  await new Promise((resolve) => port.close(resolve))
  await pty.close()
  return times
}

/** node:http with keep-alive, a body of the same size, to the same server. */
async function bareRequest(origin: string, rounds: number): Promise<number[]> {
  const agent = new HttpAgent({ keepAlive: true })
  const body = JSON.stringify({ commonIn: { appToken: 'x'.repeat(32) }, req: { qrCodeText: 'x'.repeat(66) }, padding: 'x'.repeat(120) })
  const once = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request(`${origin}/rest/auth/HealthCard/HealthOpenPlatform/ISVOpenObj/getHealthCardByQRCode`, {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      })
      sent.on('response', (response) => response.resume().on('end', resolve)).on('error', reject)
      sent.end(body)
    })
  const times: number[] = []
  for (let round = -30; round < rounds; round++) {
    const startedAt = performance.now()
    await once()
    if (round >= 0) times.push(performance.now() - startedAt)
  }
  agent.destroy()
  return times
}

async function durableEnqueue(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'maqiao-bench-'))
  const { enqueueP50Ms, enqueueP99Ms, floorP50Ms, floorP99Ms, ratio } = await benchEnqueue(500, directory)
  rmSync(directory, { recursive: true, force: true })
  const round = (value: number) => Math.round(value * 1000) / 1000
  figure({ name: 'durable enqueue p50', value: round(enqueueP50Ms), unit: 'ms', floor: round(floorP50Ms), aim: '1.2 × append+fsync', holds: ratio <= 1.2, note: `ratio ${round(ratio)}` })
  figure({ name: 'durable enqueue p99', value: round(enqueueP99Ms), unit: 'ms', floor: round(floorP99Ms) })
}

/** BC00.03.00.02 under SM2 and SM4 with a counterpart that answers at once; OpenSSL's figures are the floor. */
async function signedRoundTrip(): Promise<void> {
  const found = await benchCrypto()
  const round = (value: number) => Math.round(value * 100) / 100
  const times = (ours: number, theirs: number) => `${round(ours / theirs)} times OpenSSL`
  figure({ name: '泉州 SM2 round trip p50', value: round(found.roundTripMs), unit: 'ms', note: 'instant counterpart: nothing but our own work' })
  figure({ name: 'of it SM2 p50', value: round(found.cryptoMs), unit: 'ms', floor: round(found.signOpensslMs + found.verifyOpensslMs), note: `without prepared keys ${round(found.cryptoWithoutTablesMs)} ms` })
  figure({ name: 'SM2 sign p50', value: round(found.signMs), unit: 'ms', floor: round(found.signOpensslMs), aim: '3 × OpenSSL', holds: found.signMs <= 3 * found.signOpensslMs, note: times(found.signMs, found.signOpensslMs) })
  figure({ name: 'SM2 verify p50', value: round(found.verifyMs), unit: 'ms', floor: round(found.verifyOpensslMs), aim: '4 × OpenSSL', holds: found.verifyMs <= 4 * found.verifyOpensslMs, note: times(found.verifyMs, found.verifyOpensslMs) })
  figure({ name: 'SM2 keys prepared', value: round(found.prepareMs), unit: 'ms', note: 'both keys, once, after the start' })
  figure({ name: 'event loop blocked at 20 a second, longest', value: round(found.blockedMs), unit: 'ms', floor: round(found.idleBlockedMs), aim: '20 ms', holds: found.blockedMs <= 20, note: `p99 ${round(found.blockedP99Ms)} ms; floor: the same without a call` })
  figure({ name: 'processor time of the longest exchange', value: round(found.longestCpuMs), unit: 'ms', aim: '20 ms', holds: found.longestCpuMs <= 20 })
}

/** From spawn to the readiness line of the built agent, with a settings file; the bare Node process beside it. */
async function coldStart(rounds = 7): Promise<void> {
  const times: number[] = []
  const bare: number[] = []
  for (let round = -1; round < rounds; round++) {
    const { config, dataDir } = settingsFile({ terminal: { id: 'W01' }, api: { port: 0 } })
    const ms = await untilLine(['scripts/start.mjs', '--config', config, '--data-dir', dataDir, '--host', 'none'])
    const node = await untilLine(['-e', 'console.log("ready"); setTimeout(() => {}, 1000)'])
    if (round >= 0) {
      times.push(ms)
      bare.push(node)
    }
  }
  figure({ name: 'cold start to ready p50', value: p(times, 0.5), unit: 'ms', floor: p(bare, 0.5), aim: '600 ms', holds: p(times, 0.5) < 600, note: 'floor: a bare Node process to its first line' })
}

async function scanners(): Promise<void> {
  const round = (value: number) => Math.round(value * 1000) / 1000
  const { scanMs, bareMs, burst, hid } = await benchScanners()
  const over = round(scanMs - bareMs)
  figure({ name: 'serial: last byte to scan p50', value: round(scanMs), unit: 'ms', floor: round(bareMs), aim: 'floor + 0.3 ms', holds: over <= 0.3, note: `over a bare serialport read by ${over} ms, by turns` })
  figure({ name: 'serial: a burst of codes', value: burst.read, unit: `of ${burst.codes}`, aim: 'all', holds: burst.read === burst.codes, note: `in ${Math.round(burst.ms)} ms` })
  figure({ name: 'HID POS: codes over several reports', value: hid.read, unit: `of ${hid.codes}`, aim: 'all', holds: hid.read === hid.codes, note: `${hid.reports} reports, ${round((hid.ms * 1000) / hid.reports)} µs a report` })
}

async function keyboard(): Promise<void> {
  for (const { name, codes, read, keyMicroseconds, peers } of await benchKeyboard()) {
    figure({ name: `keyboard scans read: ${name}`, value: read, unit: `of ${codes}`, aim: 'all', holds: read === codes })
    for (const peer of peers) figure({ name: `keyboard scans read: ${name}: ${peer.name}`, value: peer.read, unit: `of ${codes}` })
    figure({ name: `keyboard event: ${name}`, value: Math.round(keyMicroseconds * 10) / 10, unit: 'µs' })
  }
}

/** Generated pictures, 1280×720: the camera's decoder and others, taken in turn. */
async function pictures(): Promise<void> {
  const round = (value: number) => Math.round(value * 10) / 10
  const processor = (ms: number) => (Number.isNaN(ms) ? 'in a browser' : `processor ${round(ms)} ms`)
  for (const { name, pictures: count, recall, wrong, p50Ms, meanMs, meanCpuMs, blankMs, blankCpuMs } of await benchDecode()) {
    const ours = name.startsWith('ours')
    figure({ name: `pictures read: ${name}`, value: round(recall * 100), unit: '%', note: `of ${count}, false texts ${wrong}`, ...(ours && { aim: '88 %, none false', holds: recall >= 0.88 && wrong === 0 }) })
    figure({ name: `a picture, mean: ${name}`, value: round(meanMs), unit: 'ms', note: `p50 ${round(p50Ms)} ms, ${processor(meanCpuMs)}`, ...(ours && { aim: '15 ms', holds: meanMs <= 15 }) })
    const frame = name === 'ours, first frame'
    figure({ name: `a picture without a code: ${name}`, value: round(blankMs), unit: 'ms', note: processor(blankCpuMs), ...(frame && { aim: '15 ms', holds: blankMs <= 15 }) })
  }
}

/** The desk screen on the built agent: its first content, and a scan until its headline is on the glass. */
async function painted(): Promise<void> {
  const { scanToPaint, outcomeToPaint, frame, coldPaint, warmPaint, first } = await benchPaint()
  const round = (values: number[], share: number) => Math.round(p(values, share) * 10) / 10
  figure({ name: 'first content, nothing cached, p50', value: round(coldPaint, 0.5), unit: 'ms', aim: '1000 ms', holds: p(coldPaint, 0.5) < 1000 })
  figure({ name: 'first content, opened before, p50', value: round(warmPaint, 0.5), unit: 'ms', aim: '500 ms', holds: p(warmPaint, 0.5) < 500 })
  figure({ name: 'first screen, compressed JavaScript', value: Math.round(first.gzipBytes / 1000), unit: 'kB', aim: '250 kB', holds: first.gzipBytes < 250_000, note: `${first.scripts} files` })
  figure({ name: 'scan to headline painted p50', value: round(scanToPaint, 0.5), unit: 'ms', floor: round(frame, 0.5), aim: '100 ms', holds: p(scanToPaint, 0.5) < 100, note: 'floor: a change of the page to its frame' })
  figure({ name: 'scan to headline painted p95', value: round(scanToPaint, 0.95), unit: 'ms', floor: round(frame, 0.95), aim: '200 ms', holds: p(scanToPaint, 0.95) < 200 })
  figure({ name: 'of it from outcome to paint p50', value: round(outcomeToPaint, 0.5), unit: 'ms', note: `p95 ${round(outcomeToPaint, 0.95)} ms` })
}

function untilLine(args: string[]): Promise<number> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, DISPLAY: '' } })
  return new Promise((resolve, reject) => {
    child.stdout.once('data', () => {
      const ms = performance.now() - startedAt
      child.once('exit', () => resolve(ms))
      child.kill('SIGKILL')
    })
    child.once('error', reject)
    child.once('exit', (code) => code !== null && reject(new Error(`ended with ${code}`)))
  })
}
