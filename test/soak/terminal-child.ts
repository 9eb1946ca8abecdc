/** The terminal of a soak, as a process of its own that tells how much it holds when asked. */
import { readdirSync } from 'node:fs'
import { startTerminal } from '../../src/terminal/terminal.ts'
import type { Held } from './samples.ts'

const [config, dataDir = ''] = process.argv.slice(2)
const terminal = await startTerminal({ config, dataDir, version: '0.0.0-soak', host: 'none', writeLog: () => {} })
process.on('message', (message) => {
  if (message === 'stop') void terminal.stop().then(() => process.exit(0))
  if (message === 'held') process.send?.({ held: held() })
})
process.send?.({ ready: terminal.ready.api })

/** Counted after a collection: what is left is held by somebody. */
function held(): Held {
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return { heapBytes: heapUsed, rssBytes: rss, handles: process.getActiveResourcesInfo().length, descriptors: readdirSync('/proc/self/fd').length }
}
