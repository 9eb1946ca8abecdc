/** Collects what a scanner reports and waits for it. */
import type { DeviceError, DeviceState, Scanner } from '../../src/devices/scanner.ts'

export type Heard = {
  readonly texts: string[]
  readonly aims: (string | undefined)[]
  readonly states: { readonly state: DeviceState; readonly fault: DeviceError | undefined }[]
  /** Bytes that came, whatever became of them. */
  received: number
  /** The state it is in now. */
  state(): DeviceState | undefined
  /** Resolves when the condition holds; rejects after `limitMs` (default 20,000) with what was heard. */
  until(condition: () => boolean, limitMs?: number): Promise<void>
}

/** Opens the scanner and listens. */
export function listen(scanner: Scanner): Heard {
  const waiting = new Set<() => void>()
  const changed = (): void => {
    for (const look of waiting) look()
  }
  const heard: Heard = {
    texts: [],
    aims: [],
    states: [],
    received: 0,
    state: () => heard.states.at(-1)?.state,
    until(condition, limitMs = 20_000) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          if (!condition()) return
          clearTimeout(limit)
          waiting.delete(look)
          resolve()
        }
        const limit = setTimeout(() => {
          waiting.delete(look)
          const states = heard.states.map(({ state, fault }) => `${state} ${fault?.code ?? ''} ${fault?.detail ?? ''}`)
          reject(new Error(`waited ${limitMs} ms: ${JSON.stringify({ texts: heard.texts.slice(-5), count: heard.texts.length, states })}`))
        }, limitMs)
        waiting.add(look)
        look()
      })
    },
  }
  scanner.open({
    text({ text, aim }) {
      heard.texts.push(text)
      heard.aims.push(aim)
      changed()
    },
    state(state, fault) {
      heard.states.push({ state, fault })
      changed()
    },
    bytes(bytes) {
      heard.received += bytes.length
      changed()
    },
  })
  return heard
}
