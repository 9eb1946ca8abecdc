/** Settings without their secrets, and secrets put back: by the schema, never by the look of a value. */
import { isRecord } from '../../transcode/is-record.ts'

/** Stands where a secret is; `from` where it is kept elsewhere (`env:NAME`, `file:PATH`). */
export type SecretMark = { set: true; from?: string }
export type SettingChange = { path: string; before: unknown; after: unknown; secret: boolean }
export type SchemaNode = {
  properties?: Record<string, SchemaNode>
  additionalProperties?: SchemaNode | boolean
  items?: SchemaNode
  anyOf?: SchemaNode[]
  oneOf?: SchemaNode[]
  allOf?: SchemaNode[]
  secret?: boolean
}
type Fault = { path: string; reason: string }

/** The settings with a mark for each secret; what the schema does not know is taken for one. */
export function withoutSecrets(value: unknown, schema: SchemaNode | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, childOf(schema, 0)))
  if (isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, withoutSecrets(item, childOf(schema, key))]),
    )
  }
  return isSecret(value, schema) ? markOf(value) : value
}

/** `given` with each mark replaced by the secret that stands at its place in `before`; a list's items are told by their `name`. */
export function withSecrets(given: unknown, before: unknown, faults: Fault[], path: string[] = []): unknown {
  if (isMark(given)) {
    if (before !== undefined && !isRecord(before)) return before
    if (given.from !== undefined) return given.from
    faults.push({ path: path.join('.'), reason: 'no secret is kept here 本机没有这个密钥，请填写' })
    return undefined
  }
  if (Array.isArray(given)) {
    return given.map((item, index) => withSecrets(item, itemOf(before, item, index), faults, [...path, String(index)]))
  }
  if (!isRecord(given)) return given
  return Object.fromEntries(
    Object.entries(given).map(([key, item]) => [
      key,
      withSecrets(item, isRecord(before) ? before[key] : undefined, faults, [...path, key]),
    ]),
  )
}

/** What differs, leaf by leaf; of secrets only that they do. */
export function changesBetween(before: unknown, after: unknown, schema: SchemaNode): SettingChange[] {
  const old = leavesOf(before, schema)
  const fresh = leavesOf(after, schema)
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((path) => {
    const [was, is] = [old.get(path), fresh.get(path)]
    if (was !== undefined && is !== undefined && JSON.stringify(was.value) === JSON.stringify(is.value)) return []
    return [{ path, before: shown(was), after: shown(is), secret: (was ?? is)!.secret }]
  })
}

type Leaf = { value: unknown; secret: boolean }

/** Every secret of the settings with its path. */
export function secretsIn(value: unknown, schema: SchemaNode): { path: string; value: string }[] {
  return [...leavesOf(value, schema)].flatMap(([path, leaf]) =>
    leaf.secret ? [{ path, value: String(leaf.value) }] : [],
  )
}

function leavesOf(
  value: unknown,
  schema: SchemaNode | undefined,
  path: string[] = [],
  leaves = new Map<string, Leaf>(),
): Map<string, Leaf> {
  const items = Array.isArray(value) || isRecord(value) ? Object.entries(value) : []
  if (items.length === 0) {
    if (value !== undefined) leaves.set(path.join('.'), { value, secret: isSecret(value, schema) })
  }
  for (const [key, item] of items)
    leavesOf(item, childOf(schema, Array.isArray(value) ? 0 : key), [...path, key], leaves)
  return leaves
}

function shown(leaf: Leaf | undefined): unknown {
  if (leaf === undefined) return null
  return leaf.secret ? markOf(leaf.value) : leaf.value
}

function isSecret(value: unknown, schema: SchemaNode | undefined): boolean {
  if (value === null || typeof value === 'object') return false
  if (schema === undefined) return true
  if (isSecretField(schema)) return true
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { username, password } = new URL(value)
  return username !== '' || password !== ''
}

/** Whether the schema calls the field a secret. */
export function isSecretField(schema: SchemaNode | undefined): boolean {
  return schema !== undefined && formsOf(schema).some((form) => form.secret === true)
}

function markOf(value: unknown): SecretMark {
  return typeof value === 'string' && /^(env|file):/.test(value) ? { set: true, from: value } : { set: true }
}

function isMark(value: unknown): value is SecretMark {
  return isRecord(value) && value['set'] === true && Object.keys(value).every((key) => key === 'set' || key === 'from')
}

function itemOf(before: unknown, item: unknown, index: number): unknown {
  if (!Array.isArray(before)) return undefined
  const name = isRecord(item) ? item['name'] : undefined
  return name === undefined
    ? before[index]
    : before.find((candidate) => isRecord(candidate) && candidate['name'] === name)
}

/** The schema of a member or, for a number, of a list's items. */
export function childOf(schema: SchemaNode | undefined, key: string | number): SchemaNode | undefined {
  if (schema === undefined) return undefined
  for (const form of formsOf(schema)) {
    if (typeof key === 'number') {
      if (form.items) return form.items
    } else if (form.properties && Object.hasOwn(form.properties, key)) return form.properties[key]
    else if (typeof form.additionalProperties === 'object') return form.additionalProperties
  }
  return undefined
}

function formsOf(schema: SchemaNode): SchemaNode[] {
  return [schema, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap(formsOf)]
}
