/** Runs in a process of its own: one call of `long EcQuery(char* in, char* out)`, which may hang, crash or overrun. */
import koffi from 'koffi'
import { OUTPUT_BYTES, type DllAnswer, type DllCall } from './dll-call.ts'

/** Behind the buffer, so that writing past its end is seen before it is believed. */
const GUARD_BYTES = 8192
const GUARD = 0xa5

function answerTo({ library, symbol, input }: DllCall): DllAnswer {
  let loaded: ReturnType<typeof koffi.load>
  try {
    loaded = koffi.load(library)
  } catch {
    return { kind: 'missing' }
  }
  let query: (input: Buffer, output: Buffer) => number | bigint
  try {
    query = loaded.func(symbol, 'long', ['uint8_t *', 'uint8_t *']) as typeof query
  } catch {
    return { kind: 'symbol' }
  }
  const output = Buffer.alloc(OUTPUT_BYTES + GUARD_BYTES)
  output.fill(GUARD, OUTPUT_BYTES)
  const returned = Number(query(Buffer.concat([Buffer.from(input, 'base64'), Buffer.alloc(1)]), output))
  const end = output.indexOf(0)
  const isWhole = end >= 0 && end < OUTPUT_BYTES && output.subarray(OUTPUT_BYTES).every((byte) => byte === GUARD)
  return isWhole ? { kind: 'done', returned, output: output.subarray(0, end).toString('base64') } : { kind: 'overrun' }
}

process.once('message', (call: DllCall) => {
  // Libraries leave threads behind that would keep the process alive.
  process.send?.(answerTo(call), () => process.exit(0))
})
