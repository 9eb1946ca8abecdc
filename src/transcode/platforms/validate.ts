/** Checks a request against its schema before anything is sent; reasons in Chinese, values never repeated. */
import type { z } from 'zod'
import type { PlatformId } from '../outcome.ts'
import { RequestFault } from './platform-error.ts'

/** One field that is missing or wrong: dotted path and the reason in Chinese. */
export type FieldFault = { path: string; message: string }

/**
 * The body as `schema` parses it. Throws RequestFault (400, `REQUEST_INVALID`)
 * with one entry for each missing or wrong field.
 */
export function validate<T>(platform: PlatformId, schema: z.ZodType<T>, body: unknown): T {
  const given = withoutBlanks(body)
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const fields = fieldFaults(result.error.issues, given)
  const message = `请求没有发出：${fields.map((field) => `${field.path} ${field.message}`).join('；')}`
  throw new RequestFault(platform, 'REQUEST_INVALID', message, '请按接口文档补全或改正列出的字段后重试。', fields)
}

/** A HIS fills its forms with "" and null where it has nothing: the same as leaving them out, inside items too. */
export function withoutBlanks<T>(body: T): T {
  if (Array.isArray(body)) return body.map(withoutBlanks) as T
  if (body === null || typeof body !== 'object') return body
  const members = Object.entries(body).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return Object.fromEntries(members.map(([key, value]) => [key, withoutBlanks(value)])) as T
}

/** A reader mends the first ones; a body of nothing else would be answered with a longer one. */
const MOST_LISTED = 20
/** A member's name may be as long as a body. */
const MOST_PATH = 200

/** Zod's issues as at most 20 fields with Chinese reasons; a reason given in the schema in Chinese stands as it is. */
export function fieldFaults(issues: readonly z.core.$ZodIssue[], body: unknown): FieldFault[] {
  const faults: FieldFault[] = []
  for (const issue of issues) {
    const path = issue.path.map(String)
    if (issue.code === 'unrecognized_keys') {
      faults.push(...issue.keys.slice(0, MOST_LISTED).map((key) => ({ path: named([...path, key]), message: '没有这个字段' })))
    } else faults.push({ path: named(path) || '(body)', message: reasonOf(issue, valueAt(body, issue.path)) })
    if (faults.length >= MOST_LISTED) break
  }
  return faults.slice(0, MOST_LISTED)
}

function named(path: readonly string[]): string {
  const name = path.join('.')
  return name.length > MOST_PATH ? `${name.slice(0, MOST_PATH)}…` : name
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: '文本',
  number: '数字',
  int: '整数',
  boolean: 'true 或 false',
  object: '对象',
  record: '对象',
  array: '数组',
}

function reasonOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code !== 'custom' && (value === undefined || value === null)) return '必填'
  // Zod's own words repeat the values that are allowed, which may be Chinese.
  if (/\p{Script=Han}/u.test(issue.message) && issue.code !== 'invalid_value') return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return `应为${TYPE_WORDS[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `只能是 ${issue.values.map(String).join('、')}`
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum))
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum))
    default:
      return '格式不对'
  }
}

function tooSmall(origin: string, minimum: number): string {
  if (origin === 'string') return minimum <= 1 ? '不能为空' : `至少 ${minimum} 个字符`
  return origin === 'array' ? `至少 ${minimum} 项` : `不能小于 ${minimum}`
}

function tooBig(origin: string, maximum: number): string {
  if (origin === 'string') return `最多 ${maximum} 个字符`
  return origin === 'array' ? `最多 ${maximum} 项` : `不能大于 ${maximum}`
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], body)
}
