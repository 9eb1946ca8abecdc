/** Scans, unplugs, outages, restarts and results for as long as is asked; then every account is settled. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ID_ORDERS } from '../../src/simulator/health-card/gateway.ts'
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { createRandom } from '../fuzz/random.ts'
import { createPty } from '../support/pty.ts'
import { slopeOf, type Sample } from './samples.ts'
import { soakedTerminal, TOKEN } from './terminal.ts'

export type SoakReport = {
  seed: number
  minutes: number
  scans: number
  outcomes: number
  results: number
  acknowledged: number
  unplugs: number
  outages: number
  restarts: number
  kills: number
  /** Acknowledged, and never counted by the platform. */
  lost: string[]
  /** Kept for a person's word, and judged here by the platform's books. */
  unproven: number
  tokensKilled: number
  /** Counted by the platform as two uses. */
  twice: string[]
  stillWaiting: number
  /** `seq` of an outcome that was not above the one before. */
  seqBack: number
  /** The same tradeNo that gave other report ids. */
  idsChanged: number
  slopes: { heapMbPerMinute: number; codeMbPerMinute: number; rssMbPerMinute: number; handlesPerMinute: number; descriptorsPerMinute: number; databaseBytesPerScan: number }
  samples: Sample[]
}

const SAMPLE_EVERY_MS = 1000
const SETTLE_MS = 90_000
const CODES = ['card-static', 'card-static', 'card-static', 'ankang-green', 'ankang-several', 'card-dynamic', 'card-static-frozen', 'e-voucher', 'identity-number', 'hospital-card', 'payment-wechat', 'unknown-text'] as const

export async function runSoak({ minutes, seed }: { minutes: number; seed: number }): Promise<SoakReport> {
  const random = createRandom(seed)
  const place = mkdtempSync(join(tmpdir(), 'maqiao-soak-'))
  const simulator = createSimulator()
  await simulator.listen(0)
  simulator.control.requestIdOrder(ID_ORDERS[seed % ID_ORDERS.length]!)
  const pty = await createPty()
  const config = join(place, 'settings.json')
  writeFileSync(config, JSON.stringify(settingsFor(simulator, pty.path)))
  const terminal = await soakedTerminal(config, join(place, 'data'))
  const report: SoakReport = {
    seed, minutes, scans: 0, outcomes: 0, results: 0, acknowledged: 0, unplugs: 0, outages: 0, restarts: 0, kills: 0,
    lost: [], unproven: 0, tokensKilled: 0, twice: [], stillWaiting: 0, seqBack: 0, idsChanged: 0,
    slopes: { heapMbPerMinute: 0, codeMbPerMinute: 0, rssMbPerMinute: 0, handlesPerMinute: 0, descriptorsPerMinute: 0, databaseBytesPerScan: 0 }, samples: [],
  }
  /** What the HIS was told is on disk: by the name that the platform sees it under. */
  const acknowledged = new Map<string, { path: string; body: Record<string, string>; ids: string[] }>()
  /** Requests that the platform has counted, by that name. */
  const counted = new Map<string, Set<string>>()
  const open: { id: string; health: boolean }[] = []
  let lastSeq = 0
  let plugged = true
  const began = Date.now()
  const elapsed = () => Date.now() - began

  /** The simulator forgets the oldest uses; they are written down here before. */
  function collect(): void {
    for (const use of (simulator.books()['health-card']?.['uses'] ?? []) as { by: string; requestId: string; req: { department?: string } }[]) {
      if (use.by !== 'reportHISData' || use.req.department === undefined) continue
      const ids = counted.get(use.req.department) ?? new Set()
      counted.set(use.req.department, ids.add(use.requestId))
    }
    for (const message of (simulator.books()['ankang']?.['messages'] ?? []) as { tradeNo: string }[]) counted.set(message.tradeNo, new Set([message.tradeNo]))
  }

  async function fetchOutcomes(): Promise<void> {
    const answer = await terminal.ask('GET', `/api/v1/outcomes?after=${lastSeq}&limit=1000`)
    if (answer?.status !== 200) return
    for (const outcome of answer.body.outcomes as { id: string; seq: number; status: string; code: { format: string } }[]) {
      if (outcome.seq <= lastSeq) report.seqBack++
      lastSeq = Math.max(lastSeq, outcome.seq)
      report.outcomes++
      if (outcome.status === 'accepted' && /static|ankang/.test(outcome.code.format)) open.push({ id: outcome.id, health: outcome.code.format === 'health-card-static' })
    }
    open.splice(0, open.length - 50)
  }

  async function giveResult(): Promise<void> {
    if (open.length === 0) return
    const { id, health } = random.pick(open)
    const name = `T${seed}-${++report.results}`
    const path = `/api/v1/outcomes/${id}/result`
    const body = { tradeNo: name, tradeState: '1', msg: '挂号成功', medicalStep: '010105', department: name, name: '林安和', idNumber: simulator.samples().find((sample) => sample.id === 'identity-number')?.text() ?? '' }
    const answer = await terminal.ask('POST', path, body)
    if (answer?.status === 202 && health) acknowledged.set(name, { path, body, ids: answer.body.reports })
    else if (answer?.status === 202 && answer.body.reports.length > 0) acknowledged.set(name, { path, body, ids: answer.body.reports })
  }

  const restart = (how: 'stop' | 'kill') => {
    report[how === 'stop' ? 'restarts' : 'kills']++
    return terminal.restart(how)
  }
  /** Restarts come by chance in the first fifth alone: after it a process must live for minutes before its growth tells anything. A short soak has no such time to spare. */
  const restlessMs = minutes < 5 ? 0 : minutes * 12_000
  const restless = () => elapsed() < restlessMs

  const steps: Record<string, [weight: number, () => Promise<unknown> | unknown]> = {
    scanAtTty: [30, () => plugged && (report.scans++, pty.write(`${textOf(random.pick(CODES))}\r`))],
    scanByApi: [15, async () => ((await terminal.ask('POST', '/api/v1/scans', { text: textOf(random.pick(CODES)) }))?.status === 200) && report.scans++],
    outcomes: [15, fetchOutcomes],
    result: [25, giveResult],
    sameResult: [4, sameResult],
    halfCode: [2, () => plugged && pty.write(textOf('card-static').slice(0, random.below(60)))],
    unplug: [1.2, async () => {
      if (!plugged) return
      plugged = false
      report.unplugs++
      await pty.unplug()
      setTimeout(() => void pty.plug().then(() => (plugged = true)), 100 + random.below(900))
    }],
    outage: [0.8, async () => {
      report.outages++
      const end = await simulator.outage()
      await sleep(200 + random.below(1500))
      await end()
    }],
    fault: [4, () => simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', times: 1, ...random.pick([{ mode: 'reset', recorded: true }, { mode: 'hang', recorded: true }, { mode: 'status' }, { mode: 'code', code: '-1' }, { mode: 'truncated' }, { mode: 'html' }] as const) })],
    // The refusal that follows may be lost: the platform remembers its id all the same.
    killToken: [0.6, () => {
      report.tokensKilled++
      simulator.control.killToken()
      if (random.below(2) === 0) simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', mode: 'reset', recorded: true, times: 1 })
    }],
    stop: [1.25, () => restless() && restart('stop')],
    kill: [1.25, () => restless() && restart('kill')],
  }
  const textOf = (id: string) => simulator.samples().find((sample) => sample.id === id)?.text() ?? ''
  const total = Object.values(steps).reduce((sum, [weight]) => sum + weight, 0)

  async function sameResult(): Promise<void> {
    const known = [...acknowledged.values()].at(-1 - random.below(20))
    if (known === undefined) return
    const answer = await terminal.ask('POST', known.path, known.body)
    if (answer?.status === 202 && JSON.stringify(answer.body.reports) !== JSON.stringify(known.ids)) report.idsChanged++
  }

  /** The technician asks the platform: what it has counted is settled, the rest sent again. */
  async function judgeUnproven(): Promise<number> {
    const reports = ((await terminal.ask('GET', '/api/v1/outbox'))?.body.reports ?? []) as { id: string; state: string }[]
    const unproven = reports.filter(({ state }) => state === 'unproven')
    if (unproven.length > 0) collect()
    for (const { id } of unproven) {
      const name = [...acknowledged].find(([, { ids }]) => ids.includes(id))?.[0]
      const word = name === undefined || counted.has(name) ? 'settle' : 'retry'
      if ((await terminal.ask('POST', `/api/v1/outbox/${id}/${word}`))?.status === 202) report.unproven++
    }
    return unproven.length
  }

  async function sample(): Promise<void> {
    const pending = (await terminal.ask('GET', '/api/v1/health'))?.body.outbox.pending ?? -1
    const held = await terminal.held()
    report.samples.push({ ...held, minute: elapsed() / 60_000, life: terminal.life(), databaseBytes: terminal.databaseBytes(), walBytes: terminal.walBytes(), pending, scans: report.scans })
  }

  /** By the clock one each ten minutes or so, at least two: a life must be long for its growth to show; and one of the rest, so that the shortest soak has it too. */
  const restarts = Math.max(2, Math.round(minutes / 10))
  const sure: { atMs: number; act(): unknown }[] = Array.from({ length: restarts }, (_, index) => ({ atMs: restlessMs + ((minutes * 60_000 - restlessMs) * (index + 0.5 + random.below(100) / 500)) / (restarts + 0.5), act: () => restart(index % 2 === 0 ? 'kill' : 'stop') }))
  for (const [atMs, step] of [[minutes * 15_000, 'outage'], [minutes * 30_000, 'unplug'], [minutes * 20_000, 'killToken']] as const) sure.push({ atMs, act: () => steps[step]?.[1]() })

  try {
    let sampledAt = 0
    while (elapsed() < minutes * 60_000) {
      const due = sure.findIndex(({ atMs }) => elapsed() >= atMs)
      if (due >= 0) await sure.splice(due, 1)[0]?.act()
      let left = (random.below(1_000_000) / 1_000_000) * total
      for (const [weight, act] of Object.values(steps)) if ((left -= weight) < 0) {
        await act()
        break
      }
      if (elapsed() - sampledAt > Math.max(SAMPLE_EVERY_MS, minutes * 100)) {
        collect()
        await judgeUnproven()
        await sample()
        sampledAt = elapsed()
      }
      await sleep(random.below(25))
    }
    await settle()
  } finally {
    await terminal.stop().catch(() => terminal.restart('kill').then(() => terminal.stop()))
    await simulator.close()
    await pty.close()
    rmSync(place, { recursive: true, force: true })
  }

  async function settle(): Promise<void> {
    const deadline = Date.now() + SETTLE_MS
    for (;;) {
      report.stillWaiting = (await terminal.ask('GET', '/api/v1/health'))?.body.outbox.pending ?? -1
      const unproven = await judgeUnproven()
      if (report.stillWaiting + unproven === 0 || Date.now() > deadline) break
      await sleep(100)
    }
    collect()
    await sample()
  }

  report.acknowledged = acknowledged.size
  report.lost = [...acknowledged.keys()].filter((name) => !counted.has(name))
  report.twice = [...counted].filter(([, ids]) => ids.size > 1).map(([name]) => name)
  // Its first minutes are spent on compiling and filling histories of a fixed length; a short soak has no more than seconds to leave out.
  const settlingMinutes = Math.min(2, minutes / 10)
  const bornAt = (life: number) => report.samples.find((one) => one.life === life)?.minute ?? 0
  const settled = report.samples.filter((one) => one.minute - bornAt(one.life) >= settlingMinutes)
  const minute = ({ minute: at }: Sample) => at
  report.slopes = {
    heapMbPerMinute: slopeOf(settled, ({ heapBytes }) => heapBytes / 1e6, minute),
    codeMbPerMinute: slopeOf(settled, ({ codeBytes }) => codeBytes / 1e6, minute),
    rssMbPerMinute: slopeOf(settled, ({ rssBytes }) => rssBytes / 1e6, minute),
    handlesPerMinute: slopeOf(settled, ({ handles }) => handles, minute),
    descriptorsPerMinute: slopeOf(settled, ({ descriptors }) => descriptors, minute),
    databaseBytesPerScan: slopeOf(report.samples.map((one) => ({ ...one, life: 0 })), ({ databaseBytes }) => databaseBytes, ({ scans }) => scans),
  }
  return report
}

function settingsFor(simulator: Simulator, path: string): Record<string, unknown> {
  const base = simulator.settings()
  const platforms = Object.fromEntries(Object.entries(base.platforms).map(([key, section]) => [key, { ...section, requestTimeoutMs: 1500 }]))
  return {
    ...base,
    platforms,
    devices: { serial: [{ path, baudRate: 9600 }] },
    recognition: { ...base.recognition, repeatWithinMs: 0 },
    api: { port: 0, token: TOKEN, maxRequestsPerMinute: 1_000_000 },
    outbox: { retryFirstMs: 50, retryMaxMs: 1000 },
  }
}
