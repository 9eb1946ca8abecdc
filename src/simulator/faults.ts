/** Faults that a control call has ordered, waiting for the requests they are meant for. */
import { PLAYED, type Played } from './play.ts'
import { TROUBLES, type Trouble, type TroubleMode } from './trouble.ts'

export type Fault = Trouble & {
  readonly platform: Played
  /** Every operation of the platform where absent. */
  readonly operation?: string
  /** Return code of mode `code`; in another mode what the platform would have answered. */
  readonly code?: string
  /** The platform's words beside `code`, instead of its own. */
  readonly message?: string
  /** For how many requests; for all until `reset` where absent. */
  readonly times?: number
}

export type Faults = {
  add(fault: Fault): void
  /** The oldest fault that fits; counts it down. */
  take(platform: Played, operation: string): Fault | undefined
  clear(): void
  list(): readonly Fault[]
}

export function createFaults(): Faults {
  let waiting: { fault: Fault; left: number }[] = []
  return {
    add: (fault) => void waiting.push({ fault, left: fault.times ?? Infinity }),
    take(platform, operation) {
      if (waiting.length === 0) return undefined
      const found = waiting.find(
        ({ fault }) => fault.platform === platform && (fault.operation === undefined || fault.operation === operation),
      )
      if (found === undefined) return undefined
      found.left--
      if (found.left <= 0) waiting = waiting.filter((one) => one !== found)
      return found.fault
    },
    clear: () => void (waiting = []),
    list: () => waiting.map(({ fault, left }) => (left === Infinity ? fault : { ...fault, times: left })),
  }
}

/** Reads a fault from JSON; a text says what is wrong with it. */
export function parseFault(value: Record<string, unknown>): Fault | string {
  const { platform, operation, mode, code, message, body } = value
  if (!PLAYED.includes(platform as Played)) return `platform: one of ${PLAYED.join(', ')}`
  if (typeof mode !== 'string' || !Object.hasOwn(TROUBLES, mode)) return `mode: one of ${Object.keys(TROUBLES).join(', ')}`
  if (mode === 'code' && typeof code !== 'string' && typeof code !== 'number') return 'code: required'
  for (const name of ['times', 'delayMs', 'status', 'retryAfterSec'] as const) {
    const number = value[name]
    if (number !== undefined && (!Number.isInteger(number) || (number as number) < 0)) return `${name}: a whole number`
  }
  return {
    platform: platform as Played,
    mode: mode as TroubleMode,
    ...(typeof operation === 'string' ? { operation } : {}),
    ...(code === undefined ? {} : { code: String(code) }),
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof body === 'string' ? { body } : {}),
    ...(value['recorded'] === true ? { recorded: true } : {}),
    ...Object.fromEntries(
      ['times', 'delayMs', 'status', 'retryAfterSec'].flatMap((name) => (value[name] === undefined ? [] : [[name, value[name]]])),
    ),
  }
}
