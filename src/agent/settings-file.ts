/** Reads a settings file: every fault at once, each with its path; secrets may stand elsewhere. */
import { basename, dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { isRecord } from '../transcode/is-record.ts'
import { isGarbled } from '../transcode/platforms/valid-reply.ts'
import { isKeptByTerminal } from './secret-file-place.ts'
import { crossFaults, settingsJsonSchema, settingsSchema, type Settings } from './settings.ts'
import { NO_TEXT, readSmallFile, readTextFile } from './text-file.ts'
import { childOf, isSecretField, type SchemaNode } from './technician/settings-marks.ts'

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

/** Where `file:` secrets may lie. */
export type SecretPlaces = {
  /** What they are relative to: the settings file's folder. */
  directory: string
  /** Holds the terminal's own keys and tokens, which are no secrets of the settings: nothing is read from it. */
  dataDir?: string | undefined
  /** False leaves a file unread, and is a fault; `path` is the setting's. */
  mayRead?: (path: string, reference: string) => boolean
}

/** Reads and checks a settings file; no secret may lie in `dataDir`. Throws SettingsError. */
export function readSettings(file: string, dataDir?: string): Settings {
  let source: string | undefined
  try {
    source = readTextFile(file)
  } catch (error) {
    throw new SettingsError([{ path: file, reason: `cannot be read (${(error as NodeJS.ErrnoException).code}) 无法读取设置文件` }])
  }
  if (source === undefined) throw new SettingsError([{ path: file, reason: NO_TEXT }])
  let raw: unknown
  try {
    raw = JSON.parse(source)
  } catch (error) {
    // The parser's message may quote the file, secrets included: only the place is told.
    const at = /position (\d+)/.exec(String((error as Error).message))?.[1]
    const place = at === undefined ? '' : ` at line ${source.slice(0, Number(at)).split('\n').length}`
    throw new SettingsError([{ path: file, reason: `is not JSON${place} 不是合法的 JSON` }])
  }
  return parseSettings(raw, dirname(resolve(file)), { dataDir })
}

/** The environment variables that a settings file takes secrets from; none where it cannot be read. */
export function variablesNamedIn(file: string): Set<string> {
  try {
    return new Set(variablesIn(JSON.parse(readTextFile(file) ?? '')))
  } catch {
    return new Set()
  }
}

function variablesIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('env:') ? [value.slice(4)] : []
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(variablesIn)
}

/** Checks settings that are already parsed; `directory` is where `file:` secrets are relative to. Throws SettingsError. */
export function parseSettings(raw: unknown, directory = process.cwd(), places: Omit<SecretPlaces, 'directory'> = {}): Settings {
  const faults: SettingsFault[] = []
  const place = { directory, ...places }
  const resolveOne = (value: string, path: string[], isSecret: boolean) => resolveSecret(value, path, isSecret, place, faults)
  const resolved = withoutBlankForms(resolveSecrets(raw, settingsJsonSchema() as SchemaNode, resolveOne))
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

/** `env:` and `file:` stand for secrets alone: anywhere else they would show what they read on a screen or send it to a platform. */
function resolveSecrets(value: unknown, schema: SchemaNode | undefined, resolveOne: (value: string, path: string[], isSecret: boolean) => string, path: string[] = []): unknown {
  if (typeof value === 'string') return resolveOne(value, path, isSecretField(schema))
  if (Array.isArray(value)) return value.map((item, index) => resolveSecrets(item, childOf(schema, index), resolveOne, [...path, String(index)]))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveSecrets(item, childOf(schema, key), resolveOne, [...path, key])]))
}

function resolveSecret(value: string, path: string[], isSecret: boolean, place: SecretPlaces, faults: SettingsFault[]): string {
  const [, kind, name = ''] = /^(env|file):(.*)$/s.exec(value) ?? []
  const fault = (reason: string) => void faults.push({ path: path.join('.'), reason })
  if (isGarbled(JSON.stringify(value))) fault('holds characters that an editor has lost 文字已损坏，请重新填写并以 UTF-8 保存')
  if (kind === undefined) return value
  if (!isSecret) {
    fault(`only a secret may be kept in ${kind}: 只有密钥类设置可写成 env: 或 file:，这一项请直接填写`)
  } else if (kind === 'env') {
    const found = process.env[name]
    if (found !== undefined) return found
    fault(`environment variable ${name} is not set 环境变量未设置`)
  } else if (place.mayRead?.(path.join('.'), value) === false) {
    fault('a file can be named by whoever writes the settings file only 密钥文件只能由管理员写进设置文件，这里请直接填写密钥')
  } else {
    try {
      const file = resolve(place.directory, name)
      if (place.dataDir !== undefined && isKeptByTerminal(file, place.dataDir, place.directory)) {
        fault('must not be in the data directory 密钥文件不能放在数据目录中，请移到别处（如设置文件旁边）')
        return value
      }
      const found = readSmallFile(file, MAX_SECRET_BYTES)
      const secret = found === 'no-file' ? '' : (found?.trim() ?? '')
      if (found === 'no-file') fault('must be a regular file of at most 64 KB 密钥文件须是不超过 64 KB 的普通文件')
      else if (found === undefined) fault(`file ${basename(file)} ${NO_TEXT}`)
      else if (/[\r\n]/.test(secret) && !secret.startsWith('-----BEGIN ')) fault(`file ${basename(file)} must have one line 密钥文件只能有一行，请删去其余的行`)
      else return secret
    } catch (error) {
      fault(`file cannot be read (${(error as NodeJS.ErrnoException).code}) 无法读取密钥文件`)
    }
  }
  return value
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
