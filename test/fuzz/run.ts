/** Runs a target on inputs from a seed: each ends in a declared way and within its time. */
import seeds from './seeds.json' with { type: 'json' }
import { createRandom, type Random } from './random.ts'

/** The longest that one input may take, ms of this thread's own: a loaded machine makes nobody slow. */
export const LIMIT_MS = 50

/** Throws what is not declared; anything else that is wrong it throws too. */
export type Target = { name: string; run(random: Random): void | Promise<void> }

/**
 * Tries `count` inputs, each from its own seed (`first`, `first` + 1 …), those
 * kept in seeds.json before them. Rejects with the seed of the first that fails.
 */
export async function fuzz(target: Target, first: number, count: number): Promise<{ slowestMs: number }> {
  const kept = (seeds.kept as { target: string; seed: number }[]).filter((one) => one.target === target.name).map((one) => one.seed)
  let slowestMs = 0
  // The first inputs are slow because nothing is compiled yet.
  for (let warm = 0; warm < Math.min(50, count); warm++) await once(target, first + warm)
  for (const seed of [...kept, ...Array.from({ length: count }, (_, at) => (first + at) >>> 0)]) {
    let ms = Infinity
    // The least of three: a collection of garbage comes to anybody, but a slow input is slow each time.
    for (let round = 0; round < 3 && ms > LIMIT_MS; round++) ms = Math.min(ms, await once(target, seed))
    if (ms > LIMIT_MS) throw new Error(`${target.name}, seed ${seed}: ${Math.round(ms)} ms`)
    slowestMs = Math.max(slowestMs, ms)
  }
  return { slowestMs }
}

async function once(target: Target, seed: number): Promise<number> {
  const random = createRandom(seed)
  const began = process.threadCpuUsage()
  try {
    const running = target.run(random)
    if (running !== undefined) await running
  } catch (error) {
    throw new Error(`${target.name}, seed ${seed}: ${(error as Error).stack}`, { cause: error })
  }
  const { user, system } = process.threadCpuUsage(began)
  return (user + system) / 1000
}
