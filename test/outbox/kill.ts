/** Kills a delivering process again and again, and reads in the platform's books what was counted. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fault } from '../../src/simulator/faults.ts'
import type { IdOrder } from '../../src/simulator/health-card/gateway.ts'
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts'

export type KillCounts = {
  kills: number
  acknowledged: number
  /** Uses that the platform has counted; those of reports never acknowledged included. */
  uses: number
  /** Acknowledged, not counted, and not among those that are kept for a person's word. */
  lost: number
  doubleUses: number
  /** Reports of one visit whose first use came before that of an earlier one. */
  outOfOrder: number
  /** Kept for a person's word; of them those that were counted. */
  unproven: number
  unprovenCounted: number
  repeatedIds: number
  unanswered: number
  refused: number
  tokensKilled: number
}

const CHILD = join(import.meta.dirname, 'kill-child.ts')
/** Refusals that arrive and after which the lane does not pause: of the token, the signature, the clock, the identity service, the platform itself. */
const REFUSALS = ['21003', '21004', '21006', '20000', '-10038', '10005', '-1']

/** Runs `kills` processes on one directory, each killed at a random moment, and one more that delivers what is left. */
export async function killRepeatedly(kills: number, idOrder: IdOrder): Promise<KillCounts> {
  const directory = mkdtempSync(join(tmpdir(), 'outbox-kill-'))
  const simulator = createSimulator()
  await simulator.listen(0)
  simulator.control.requestIdOrder(idOrder)
  const { terminal, hospital, platforms } = simulator.settings()
  const card = simulator.samples().find(({ id }) => id === 'card-static')!.text()
  const given = JSON.stringify({ settings: { ...platforms.healthCard, requestTimeoutMs: 1000 }, site: { terminal, hospital }, card })
  const told = { acknowledged: new Set<number>(), unproven: new Set<number>() }
  const trouble = disturb(simulator)
  let child: ChildProcess | undefined
  try {
    for (let done = 0; done < kills; done++) {
      // Numbers leave a gap: what was stored but not acknowledged before the kill keeps its own.
      child = start(directory, given, String(done * 100_000))
      const exited = once(child, 'exit')
      const working = read(child, told)
      // Now and then while it starts and opens the file, mostly under load.
      if (Math.random() > 0.15) await Promise.race([working, exited])
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 400))
      child.kill('SIGKILL')
      await exited
    }
    trouble.stop()
    child = start(directory, given, '0', 'drain')
    void read(child, told)
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`the last process ended with ${code}`)
  } finally {
    trouble.stop()
    child?.kill('SIGKILL')
    await simulator.close()
    rmSync(directory, { recursive: true })
  }
  const uses = (simulator.books()['health-card'] as { uses: { req: { department: string } }[] }).uses.map(({ req }) => Number(req.department))
  const counted = new Set(uses)
  return {
    kills,
    acknowledged: told.acknowledged.size,
    uses: uses.length,
    lost: [...told.acknowledged].filter((n) => !counted.has(n) && !told.unproven.has(n)).length,
    doubleUses: uses.length - counted.size,
    outOfOrder: outOfOrder(uses),
    unproven: told.unproven.size,
    unprovenCounted: [...told.unproven].filter((n) => counted.has(n)).length,
    ...trouble.seen(),
  }
}

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Collects what the process tells; resolves at the first. */
function read(child: ChildProcess, told: { acknowledged: Set<number>; unproven: Set<number> }): Promise<unknown> {
  let rest = ''
  child.stdout!.setEncoding('utf8').on('data', (part: string) => {
    const lines = (rest + part).split('\n')
    rest = lines.pop()!
    for (const line of lines) (line.startsWith('?') ? told.unproven : told.acknowledged).add(Number(line.replace('? ', '')))
  })
  return once(child.stdout!, 'data')
}

/**
 * What the platform does meanwhile, a little of it at any time: answers nothing before or after its work, refuses;
 * another terminal fetches a token, and the refusal that follows is lost. A refused id is remembered.
 */
function disturb(simulator: Simulator) {
  const counts = { repeatedIds: 0, unanswered: 0, refused: 0, tokensKilled: 0 }
  const one = (extra: Omit<Fault, 'platform'>): Fault => ({ platform: 'health-card', operation: 'reportHISData', times: 1, ...extra })
  const refusal = () => REFUSALS[Math.floor(Math.random() * REFUSALS.length)]!
  let lastAt = ''
  const timer = setInterval(() => {
    for (const { at, ended } of simulator.control.requests()) {
      if (at <= lastAt) continue
      if (ended === '10054') counts.repeatedIds++
      else if (/reset$/.test(ended)) counts.unanswered++
      else if (ended !== '0') counts.refused++
    }
    lastAt = simulator.control.requests().at(-1)?.at ?? lastAt
    if (simulator.control.faults().length > 0) return
    const dice = Math.random() * 3
    if (dice < 0.25) simulator.control.fault(one({ mode: 'reset' }))
    else if (dice < 0.5) simulator.control.fault(one({ mode: 'reset', recorded: true }))
    else if (dice < 0.75) simulator.control.fault(one({ mode: 'code', code: refusal() }))
    else if (dice < 1) {
      simulator.control.killToken()
      counts.tokensKilled++
      if (dice < 0.9) simulator.control.fault(one({ mode: 'reset', recorded: true }))
    }
  }, 20)
  return { stop: () => clearInterval(timer), seen: () => counts }
}

function outOfOrder(uses: readonly number[]): number {
  const latest = new Map<number, number>()
  let count = 0
  for (const n of uses) {
    const visit = Math.floor(n / 8)
    if (n < (latest.get(visit) ?? -1)) count++
    latest.set(visit, n)
  }
  return count
}
