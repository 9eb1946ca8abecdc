/** The command `npm run simulate -- --port N`: the played platforms alone, until SIGTERM. */
import { parseArgs } from 'node:util'
import { createSimulator } from '../simulator/simulator.ts'

const EXIT_USAGE = 64

function portOf(args: string[]): number | string {
  try {
    const { values } = parseArgs({ args, options: { port: { type: 'string', default: '0' } } })
    const port = Number(values.port)
    return /^\d+$/.test(values.port) && port <= 65535 ? port : `--port ${values.port}: 0–65535`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const port = portOf(process.argv.slice(2))
if (typeof port === 'string') {
  process.stderr.write(`${port}\n用法：npm run simulate -- --port N（0：任取一个空闲端口）\n`)
  process.exit(EXIT_USAGE)
}

const simulator = createSimulator()
try {
  const origin = await simulator.listen(port)
  process.stdout.write(`${JSON.stringify({ ready: true, origin, control: `${origin}/_control`, settings: simulator.settings() })}\n`)
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN'
  process.stderr.write(`无法在 127.0.0.1:${port} 上打开模拟平台（${code}）：请换一个端口。\n`)
  process.exit(1)
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void simulator.close().then(() => process.exit(0)))
}
