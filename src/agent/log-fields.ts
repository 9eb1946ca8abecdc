/** What a log line may hold: fields by name, each of a kind that cannot carry a person, a secret or a code's text. */

/** How a value of each kind is printed; whatever does not fit its kind is not. */
const KINDS = {
  number: (value) => (typeof value === 'number' ? value : undefined),
  flag: (value) => (typeof value === 'boolean' ? value : undefined),
  /** A word of ours or a platform's return code. */
  code: (value) => (typeof value === 'string' && /^[\w+.:/,@-]{1,80}$/.test(value) && !/\d{7}|[\da-zA-Z]{32}/.test(value) ? value : undefined),
  /** An id that we made: nothing but random or counted digits. */
  id: (value) => (typeof value === 'string' && /^([0-9a-f]{14}|[0-9A-F]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(value) ? value : undefined),
  /** A path or a sentence of the program's own; numbers as long as a person's are taken out all the same. */
  text: (value) => (typeof value === 'string' ? value.slice(0, 300).replace(/\d{7,}[\dXx]?|[\da-zA-Z]{32,}/g, (run) => `…(${run.length})`) : undefined),
} as const satisfies Record<string, (value: unknown) => string | number | boolean | undefined>

/** Every field that the log knows. */
export const LOG_FIELDS = {
  attempts: 'number',
  cause: 'code',
  clockOffSec: 'number',
  code: 'code',
  count: 'number',
  demo: 'flag',
  device: 'text',
  ended: 'code',
  entries: 'number',
  error: 'code',
  expiresInSec: 'number',
  failures: 'number',
  fault: 'code',
  fields: 'code',
  format: 'code',
  host: 'code',
  id: 'id',
  kind: 'code',
  kiosk: 'flag',
  ms: 'number',
  name: 'code',
  names: 'code',
  node: 'code',
  number: 'number',
  operation: 'code',
  outcome: 'code',
  path: 'text',
  platform: 'code',
  reason: 'code',
  repeated: 'flag',
  requestId: 'id',
  restartMs: 'number',
  seq: 'number',
  silentMs: 'number',
  state: 'code',
  status: 'code',
  targets: 'number',
  version: 'code',
  where: 'text',
  why: 'text',
} as const satisfies Record<string, keyof typeof KINDS>

/** Fields as they are printed: an unknown name or a value of another kind leaves only its length. */
export function printable(fields: Record<string, unknown>): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]): [string, string | number | boolean | null][] => {
      if (value === undefined) return []
      if (value === null) return [[name, null]]
      const kind = Object.hasOwn(LOG_FIELDS, name) ? LOG_FIELDS[name as keyof typeof LOG_FIELDS] : undefined
      const shown = kind === undefined ? undefined : KINDS[kind](value)
      return [[kind === undefined ? 'hidden' : name, shown ?? `***(${String(value).length})`]]
    }),
  )
}
