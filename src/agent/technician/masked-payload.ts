/** A payload of which a technician sees the shape: whatever is not known to be harmless is masked. */
import { maskIdNumber, maskName } from '../../devices/scan.ts'
import { isRecord } from '../../transcode/is-record.ts'

/** Members that tell nobody who it is, whatever the platform. */
const HARMLESS = new Set(
  (
    'cityno targettype targettypename scenecode sencecode scene medicalstep channel cardtype cardchannel hospitalid hospitalname department ' +
    'idtype idtypename certtype certno_type gender gend sex nation naty time tradetime timestamp tradestate flag errcode respcode ' +
    'resultcode result_code status state expiresin refreshinms matched isself healthlevel total count page size'
  ).split(' '),
)

export type PayloadField = { path: string; value: string | number | boolean | null; masked: boolean }

/** The same shape with masks in it. */
export function maskPayload(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => maskPayload(item, key))
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskPayload(item, name)]))
  return maskLeaf(value, key)
}

/** Every leaf with its dotted path. */
export function fieldsOf(value: unknown, masked: boolean, path: string[] = [], key = ''): PayloadField[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => fieldsOf(item, masked, [...path, String(index)], key))
  if (isRecord(value))
    return Object.entries(value).flatMap(([name, item]) => fieldsOf(item, masked, [...path, name], name))
  const whole = value as PayloadField['value']
  const shown = masked ? maskLeaf(whole, key) : whole
  return [{ path: path.join('.'), value: shown, masked: shown !== whole }]
}

function maskLeaf<T>(value: T, key: string): T | string {
  if (HARMLESS.has(key.toLowerCase())) return value
  if (typeof value === 'number') return Math.abs(value) < 1e8 ? value : maskIdNumber(String(value))
  if (typeof value !== 'string') return value
  return /name$|姓名/i.test(key) ? maskName(value) : maskIdNumber(value)
}
