/** The terminal of a soak, as a process of its own that tells how much it holds when asked. */
import { readdirSync } from 'node:fs'
import { getHeapSpaceStatistics } from 'node:v8'
import { startTerminal } from '../../src/terminal/terminal.ts'
import type { Held } from './samples.ts'

const [config, dataDir = ''] = process.argv.slice(2)
const terminal = await startTerminal({ config, dataDir, version: '0.0.0-soak', host: 'none', writeLog: () => {} })
process.on('message', (message) => {
  if (message === 'stop') void terminal.stop().then(() => process.exit(0))
  if (message === 'held') process.send?.({ held: held() })
})
process.send?.({ ready: terminal.ready.api })

/** Counted after collections: what is left is held by somebody. The second one frees what finalizers of the first let go. */
function held(): Held {
  globalThis.gc?.()
  globalThis.gc?.()
  const spaces = getHeapSpaceStatistics()
  const used = (wanted: (name: string) => boolean) =>
    spaces.filter((space) => wanted(space.space_name)).reduce((sum, space) => sum + space.space_used_size, 0)
  const isCode = (name: string) => /^(code|trusted)/.test(name)
  return {
    heapBytes: used((name) => !isCode(name)),
    codeBytes: used(isCode),
    rssBytes: process.memoryUsage.rss(),
    handles: process.getActiveResourcesInfo().length,
    descriptors: readdirSync('/proc/self/fd').length,
  }
}
