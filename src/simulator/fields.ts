/** How the played platforms look at the fields of a request: strictly. */
import { isIdentityNumber } from './people.ts'

export type FieldRule = {
  /** Left out or "" is refused unless this says when it may be. */
  readonly optional?: true | ((members: Record<string, unknown>) => boolean)
  readonly max?: number
  readonly pattern?: RegExp
  readonly oneOf?: readonly string[]
  /** Return code where it is missing, and where it is malformed; the platform's general ones where absent. */
  readonly missing?: string
  readonly bad?: string
  readonly check?: (value: string) => boolean
}

export type FieldFault = { readonly field: string; readonly kind: 'missing' | 'type' | 'long' | 'bad'; readonly code: string | undefined }

/** The first field that breaks its rule; every value must be a string. */
export function fieldFault(members: Record<string, unknown>, rules: Readonly<Record<string, FieldRule>>): FieldFault | undefined {
  for (const [field, rule] of Object.entries(rules)) {
    const value = members[field]
    if (value === undefined || value === null || value === '') {
      const free = typeof rule.optional === 'function' ? rule.optional(members) : rule.optional === true
      if (free) continue
      return { field, kind: 'missing', code: rule.missing }
    }
    if (typeof value !== 'string') return { field, kind: 'type', code: undefined }
    if (rule.max !== undefined && value.length > rule.max) return { field, kind: 'long', code: rule.bad }
    const good =
      (rule.pattern?.test(value) ?? true) && (rule.oneOf?.includes(value) ?? true) && (rule.check?.(value) ?? true)
    if (!good) return { field, kind: 'bad', code: rule.bad }
  }
  return undefined
}

/** `2018-10-02 16:36:57`, a moment that exists. */
export function isDateTime(text: string): boolean {
  const parts = /^(\d{4}-\d{2}-\d{2}) (\d{2}):(\d{2}):(\d{2})$/.exec(text)
  return parts !== null && isDate(parts[1] as string) && Number(parts[2]) < 24 && Number(parts[3]) < 60 && Number(parts[4]) < 60
}

/** `1998-09-08`, a day that exists. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text
}

/** `20200628193425`, a moment that exists. */
export function isCompactTime(text: string): boolean {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)
  return parts !== null && isDateTime(`${parts[1]}-${parts[2]}-${parts[3]} ${parts[4]}:${parts[5]}:${parts[6]}`)
}

/** Looks like an identity number of 18 characters but is none. */
export function isFalseIdentityNumber(text: string): boolean {
  return /^\d{17}[\dXx]$/.test(text) && !isIdentityNumber(text)
}
