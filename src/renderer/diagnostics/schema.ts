/** JSON Schema as a form sees it. */

export type Schema = {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly additionalProperties?: boolean | Schema
  readonly default?: unknown
  readonly description?: string
  readonly title?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly secret?: boolean
}

export type FieldKind = 'section' | 'list' | 'choice' | 'flag' | 'number' | 'secret' | 'text' | 'raw'

/** How a value of the schema is put in; `raw` is JSON by hand, for what has no better way. */
export function kindOf(schema: Schema): FieldKind {
  if (schema.secret) return 'secret'
  if (choicesOf(schema)) return 'choice'
  switch (typeOf(schema)) {
    case 'object':
      return Object.keys(schema.properties ?? {}).length > 0 ? 'section' : 'raw'
    case 'array':
      return 'list'
    case 'boolean':
      return 'flag'
    case 'integer':
    case 'number':
      return 'number'
    case 'string':
      return 'text'
    default:
      return alternatives(schema).some((one) => typeOf(one) === 'string') ? 'text' : 'raw'
  }
}

/** The values of an enumeration, or undefined where there is a freer choice. */
export function choicesOf(schema: Schema): readonly unknown[] | undefined {
  if (schema.enum) return schema.enum
  if (schema.const !== undefined) return [schema.const]
  const all = alternatives(schema)
  if (all.length === 0) return undefined
  const choices = all.map(choicesOf)
  return choices.every((list) => list !== undefined) ? choices.flat() : undefined
}

/** What stands in a field that nobody has filled. */
export function emptyOf(schema: Schema): unknown {
  if (schema.default !== undefined) return structuredClone(schema.default)
  const kind = kindOf(schema)
  if (kind === 'list') return []
  if (kind !== 'section') return undefined
  return Object.fromEntries(
    (schema.required ?? []).flatMap((key) => {
      const value = schema.properties?.[key] && emptyOf(schema.properties[key])
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

function alternatives(schema: Schema): readonly Schema[] {
  return schema.anyOf ?? schema.oneOf ?? []
}

function typeOf(schema: Schema): string | undefined {
  return typeof schema.type === 'string' ? schema.type : schema.type?.find((one) => one !== 'null')
}

/** A copy of the value with one member set, or taken out where it is undefined. */
export function withMember(value: unknown, key: string, member: unknown): Record<string, unknown> {
  const next = { ...(value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}) }
  if (member === undefined) delete next[key]
  else next[key] = member
  return next
}
