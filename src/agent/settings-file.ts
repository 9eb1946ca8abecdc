/** Reads a settings file: every fault at once, each with its path; secrets may stand elsewhere. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { isRecord } from '../transcode/is-record.ts'
import { crossFaults, settingsSchema, type Settings } from './settings.ts'

const MAX_SECRET_BYTES = 64 * 1024

/** One fault: `path` is dotted, `reason` short; neither holds a value from the file. */
export type SettingsFault = { path: string; reason: string }

/** All faults of a settings file; the command line prints them and exits 78. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly faults: readonly SettingsFault[]
  constructor(faults: readonly SettingsFault[]) {
    super(faults.map((fault) => `${fault.path}: ${fault.reason}`).join('\n'))
    this.faults = faults
  }
}

/** Reads and checks a settings file. Throws SettingsError. */
export function readSettings(file: string): Settings {
  let source: string
  try {
    source = readFileSync(file, 'utf8')
  } catch (error) {
    throw new SettingsError([{ path: file, reason: `cannot be read (${(error as NodeJS.ErrnoException).code}) 无法读取设置文件` }])
  }
  let raw: unknown
  try {
    raw = parseJson(source)
  } catch (error) {
    // The parser's message may quote the file, secrets included: only the place is told.
    const at = /position (\d+)/.exec(String((error as Error).message))?.[1]
    const place = at === undefined ? '' : ` at line ${source.slice(0, Number(at)).split('\n').length}`
    throw new SettingsError([{ path: file, reason: `is not JSON${place} 不是合法的 JSON` }])
  }
  return parseSettings(raw, dirname(resolve(file)))
}

/** The environment variables that a settings file takes secrets from; none where it cannot be read. */
export function variablesNamedIn(file: string): Set<string> {
  try {
    return new Set(variablesIn(parseJson(readFileSync(file, 'utf8'))))
  } catch {
    return new Set()
  }
}

function variablesIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('env:') ? [value.slice(4)] : []
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(variablesIn)
}

/** Windows' editors put a mark before the text. */
function parseJson(source: string): unknown {
  return JSON.parse(source.replace(/^\uFEFF/, ''))
}

/** Checks settings that are already parsed; `directory` is where `file:` secrets are relative to. */
export function parseSettings(raw: unknown, directory = process.cwd()): Settings {
  const faults: SettingsFault[] = []
  const resolved = withoutBlankForms(resolveSecrets(raw, directory, [], faults))
  const result = settingsSchema.safeParse(resolved)
  if (!result.success) faults.push(...result.error.issues.flatMap((issue) => faultsOf(issue, resolved)))
  faults.push(...crossFaults(resolved))
  if (faults.length > 0) throw new SettingsError(firstOfEachPath(faults))
  return result.data as Settings
}

/** Forms are handed out with every key of a platform and "" where there is nothing: the same as leaving it out. */
function withoutBlankForms(raw: unknown): unknown {
  if (!isRecord(raw)) return raw
  const { hospital, platforms } = raw
  return {
    ...raw,
    ...(isRecord(hospital) && { hospital: withoutBlanks(hospital) }),
    ...(isRecord(platforms) && { platforms: Object.fromEntries(Object.entries(platforms).map(([name, section]) => [name, withoutBlanks(section)])) }),
  }
}

/** A header may be empty on purpose. */
function withoutBlanks(value: unknown): unknown {
  if (!isRecord(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== '')
  return Object.fromEntries(members.map(([key, member]) => [key, key === 'headers' ? member : withoutBlanks(member)]))
}

function resolveSecrets(value: unknown, directory: string, path: string[], faults: SettingsFault[]): unknown {
  if (typeof value === 'string') return resolveSecret(value, directory, path, faults)
  if (Array.isArray(value)) return value.map((item, index) => resolveSecrets(item, directory, [...path, String(index)], faults))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolveSecrets(item, directory, [...path, key], faults)]),
  )
}

function resolveSecret(value: string, directory: string, path: string[], faults: SettingsFault[]): string {
  if (value.startsWith('env:')) {
    const found = process.env[value.slice(4)]
    if (found !== undefined) return found
    faults.push({ path: path.join('.'), reason: `environment variable ${value.slice(4)} is not set 环境变量未设置` })
  } else if (value.startsWith('file:')) {
    try {
      const found = readSecretFile(resolve(directory, value.slice(5)))
      if (found !== undefined) return found
      faults.push({ path: path.join('.'), reason: 'must be a regular file of at most 64 KB 密钥文件须是不超过 64 KB 的普通文件' })
    } catch (error) {
      faults.push({ path: path.join('.'), reason: `file cannot be read (${(error as NodeJS.ErrnoException).code}) 无法读取密钥文件` })
    }
  }
  return value
}

/** Undefined for what is no regular file or larger than a secret: a pipe would hold up the start, /dev/zero never ends. */
function readSecretFile(file: string): string | undefined {
  const handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(handle)
    return stat.isFile() && stat.size <= MAX_SECRET_BYTES ? readFileSync(handle, 'utf8').trim() : undefined
  } finally {
    closeSync(handle)
  }
}

function faultsOf(issue: z.core.$ZodIssue, raw: unknown): SettingsFault[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key].join('.'), reason: 'unknown key 没有这个设置项' }))
  }
  const reason = issue.code === 'custom' || isOwnMessage(issue) ? issue.message : reasonOf(issue, raw)
  return [{ path: path.join('.') || '(settings)', reason }]
}

function reasonOf(issue: z.core.$ZodIssue, raw: unknown): string {
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], raw)
  if (value === undefined) return 'required'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${issue.expected} 类型不对`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')} 取值不对`
    case 'too_small':
      return `must be at least ${issue.minimum} 太小`
    case 'too_big':
      return `must be at most ${issue.maximum} 太大`
    case 'invalid_union':
      return 'has no allowed form 取值不对'
    default:
      return `is not valid 取值不对`
  }
}

// Messages given in the schema are ours; zod's own begin with one of its fixed phrases.
function isOwnMessage(issue: z.core.$ZodIssue): boolean {
  return !/^(Invalid|Too (small|big)|Unrecognized)/.test(issue.message)
}

/** What else is wrong with a setting follows from its first fault: no URL where nothing is, too short where no file was. */
function firstOfEachPath(faults: SettingsFault[]): SettingsFault[] {
  const seen = new Set<string>()
  return faults.filter(({ path }) => !seen.has(path) && seen.add(path))
}
