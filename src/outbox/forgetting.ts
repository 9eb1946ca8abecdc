/** Forgets receipts that have grown old: a little at a time, now and then, so that nobody waits for it. */
import type { OpenStore } from './keep-open.ts'
import { OutboxError } from './outbox.ts'

/** Rows looked at in one commit. */
const AT_ONCE = 500
const EVERY_MS = 6 * 3_600_000
/** After the start, ms: what waits to be sent goes first. */
const FIRST_AFTER_MS = 60_000

export type Forgetting = {
  start(): void
  stop(): void
}

/** @param options.receiptMs age from which a receipt is forgotten */
export function createForgetting(options: { store: OpenStore; now: () => number; receiptMs: number }): Forgetting {
  const { store, now, receiptMs } = options
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  async function forgetAll(): Promise<void> {
    const before = now() - receiptMs
    try {
      while (!stopped && store.fault() === null && store.use((open) => open.forget(before, AT_ONCE))) {
        await new Promise((resolve) => setImmediate(resolve))
      }
    } catch (error) {
      // A disk at fault is told by whoever stores; what is old can wait.
      if (!(error instanceof OutboxError)) throw error
    }
    plan(EVERY_MS)
  }

  function plan(afterMs: number): void {
    if (!stopped) timer = setTimeout(() => void forgetAll(), afterMs).unref()
  }

  return {
    start: () => plan(FIRST_AFTER_MS),
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
