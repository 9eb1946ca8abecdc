/** Kills a delivering process again and again, and counts what its receiver was told. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'

export type KillCounts = {
  kills: number
  acknowledged: number
  /** Uses that the receiver has counted; those of reports never acknowledged included. */
  uses: number
  lost: number
  doubleUses: number
  /** Reports of one visit and lane whose first use came before that of an earlier one. */
  outOfOrder: number
  repeatedIds: number
  unanswered: number
  refused: number
}

const CHILD = join(import.meta.dirname, 'kill-child.ts')

/** Runs `kills` processes on one directory, each killed at a random moment, and one more that delivers what is left. */
export async function killRepeatedly(kills: number): Promise<KillCounts> {
  const directory = mkdtempSync(join(tmpdir(), 'outbox-kill-'))
  const receiver = await startReceiver()
  const acknowledged = new Set<number>()
  let child: ChildProcess | undefined
  try {
    for (let done = 0; done < kills; done++) {
      // Numbers leave a gap: what was stored but not acknowledged before the kill keeps its own.
      child = start(directory, receiver.url, String(done * 100_000))
      const exited = once(child, 'exit')
      const working = read(child, acknowledged)
      // Now and then while it starts and opens the file, mostly under load.
      if (Math.random() > 0.15) await Promise.race([working, exited])
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 400))
      child.kill('SIGKILL')
      await exited
    }
    child = start(directory, receiver.url, '0', 'drain')
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) throw new Error(`the last process ended with ${code}`)
  } finally {
    child?.kill('SIGKILL')
    receiver.server.close()
    receiver.server.closeAllConnections()
    rmSync(directory, { recursive: true })
  }
  const { uses, ...seen } = receiver.counts
  return {
    kills,
    acknowledged: acknowledged.size,
    uses: uses.length,
    lost: [...acknowledged].filter((n) => !uses.includes(n)).length,
    doubleUses: uses.length - new Set(uses).size,
    outOfOrder: outOfOrder(uses),
    ...seen,
  }
}

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Collects acknowledgements; resolves at the first. */
function read(child: ChildProcess, acknowledged: Set<number>): Promise<unknown> {
  let rest = ''
  child.stdout!.setEncoding('utf8').on('data', (part: string) => {
    const lines = (rest + part).split('\n')
    rest = lines.pop()!
    for (const line of lines) acknowledged.add(Number(line))
  })
  return once(child.stdout!, 'data')
}

/**
 * A platform in small: counts a use for each requestId once, refuses the same
 * id again (10054), now and then answers nothing, before or after counting, or
 * refuses. A refused id is forgotten: a platform that remembered it would make
 * 10054 after a crash mean two things, and no terminal could tell them apart.
 */
async function startReceiver() {
  const seen = new Set<string>()
  const counts = { uses: [] as number[], repeatedIds: 0, unanswered: 0, refused: 0 }
  const server: Server = createServer(async (incoming, reply) => {
    let text = ''
    try {
      for await (const part of incoming) text += String(part)
    } catch {
      return
    }
    const { requestId, n } = JSON.parse(text) as { requestId: string; n: number }
    const dice = Math.random()
    if (dice < 0.05) {
      counts.unanswered++
      return void incoming.socket.destroy()
    }
    if (seen.has(requestId)) {
      counts.repeatedIds++
      return void reply.end('10054')
    }
    if (dice < 0.15) {
      counts.refused++
      return void reply.end('-1')
    }
    seen.add(requestId)
    counts.uses.push(n)
    if (dice < 0.25) {
      counts.unanswered++
      return void incoming.socket.destroy()
    }
    reply.end('0')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, counts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

function outOfOrder(uses: readonly number[]): number {
  const latest = new Map<string, number>()
  let count = 0
  for (const n of uses) {
    const line = `${Math.floor(n / 8)} ${n % 2}`
    if (n < (latest.get(line) ?? -1)) count++
    latest.set(line, n)
  }
  return count
}
