/** The settings file in a technician's hands: read without secrets, checked, compared, replaced durably. */
import { createHash } from 'node:crypto'
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeFileDurably } from '../durable-file.ts'
import { AgentError } from '../fault.ts'
import { tlsOf } from '../network.ts'
import { parseSettings, SettingsError, type SettingsFault } from '../settings-file.ts'
import { settingsJsonSchema } from '../settings.ts'
import { readTextFile } from '../text-file.ts'
import type { AuditLog } from './audit-log.ts'
import {
  changesBetween,
  secretsIn,
  withoutSecrets,
  withSecrets,
  type SchemaNode,
  type SettingChange,
} from './settings-marks.ts'

export type SettingsDesk = {
  read(): { file: string; revision: string; settings: unknown; schema: unknown; restartNeeded: boolean }
  /** What `given` would be faulted for and what it would change; nothing is written. */
  preview(given: unknown): { faults: SettingsFault[]; diff: SettingChange[] }
  /** Replaces the file; the one before is kept as `.bak`. Throws AgentError SETTINGS_*. */
  write(change: { settings: unknown; why: string; who: string; revision?: string | undefined }): {
    revision: string
    diff: SettingChange[]
    restartNeeded: boolean
    backup: string
  }
  /** The settings without secrets, to be carried to another terminal. */
  export(who: string): string
  /** Every secret as it stands in the file, for saying where it is kept; empty without a file. */
  secrets(): { path: string; value: string }[]
  /** Without secrets, or undefined in the demo. */
  redacted(): unknown
  restartNeeded(): boolean
}

/**
 * @param options.file none in the demo: everything but `secrets`, `redacted` and `restartNeeded` throws SETTINGS_NONE then
 * @param options.isStored whether what `env:NAME` names was there at the start, and no more: from the host's key store, or taken out by the host
 */
export function createSettingsDesk(options: {
  file: string | undefined
  audit: Pick<AuditLog, 'write'>
  isStored?: (name: string) => boolean
  /** No secret of the settings may lie in it. */
  dataDir?: string
}): SettingsDesk {
  const { audit } = options
  const schema = settingsJsonSchema() as SchemaNode
  const atStart = options.file === undefined ? undefined : tryRead(options.file)?.revision

  function present(): { file: string; text: string; revision: string; raw: unknown } {
    if (options.file === undefined) throw new AgentError('SETTINGS_NONE')
    const found = tryRead(options.file)
    if (!found) throw new AgentError('SETTINGS_UNREADABLE')
    return found
  }

  function examine(
    given: unknown,
    raw: unknown,
    file: string,
  ): { whole: unknown; faults: SettingsFault[]; diff: SettingChange[] } {
    const faults: SettingsFault[] = []
    const whole = withSecrets(given, raw, faults)
    // A file that is not in the settings yet is neither read nor looked for: the answer would tell what there is on this machine.
    const standing = new Map(secretsIn(raw, schema).map(({ path, value }) => [path, value]))
    try {
      // Saved with a certificate that is none, the terminal would not start again.
      tlsOf(parseSettings(whole, dirname(file), { dataDir: options.dataDir, mayRead: (path, reference) => standing.get(path) === reference }).network)
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error
      const told = new Set([...faults.map((fault) => fault.path), ...storedPaths(whole)])
      faults.push(...error.faults.filter((fault) => !told.has(fault.path)).map(withoutFileNews))
    }
    return { whole, faults, diff: changesBetween(raw, whole, schema) }
  }

  function storedPaths(settings: unknown): string[] {
    const { isStored = () => false } = options
    return secretsIn(settings, schema).flatMap(({ path, value }) =>
      value.startsWith('env:') && isStored(value.slice(4)) ? [path] : [],
    )
  }

  const restartNeeded = (): boolean =>
    options.file !== undefined && atStart !== undefined && tryRead(options.file)?.revision !== atStart

  return {
    read() {
      const { file, revision, raw } = present()
      return { file, revision, settings: withoutSecrets(raw, schema), schema, restartNeeded: restartNeeded() }
    },
    preview(given) {
      const { file, raw } = present()
      const { faults, diff } = examine(given, raw, file)
      return { faults, diff }
    },
    write({ settings, why, who, revision }) {
      const before = present()
      if (revision !== undefined && revision !== before.revision) throw new AgentError('SETTINGS_CHANGED')
      const { whole, faults, diff } = examine(settings, before.raw, before.file)
      if (faults.length > 0)
        throw new AgentError(
          'SETTINGS_INVALID',
          faults.map(({ path, reason }) => ({ path, message: reason })),
        )
      // A link to the file stays one.
      const file = realpathSync(before.file)
      const backup = `${file}.bak`
      const text = `${JSON.stringify(whole, null, 2)}\n`
      try {
        accessSync(dirname(file), constants.W_OK)
        audit.write(who, 'settings.changed', {
          why,
          paths: diff
            .map(({ path }) => path)
            .join(' ')
            .slice(0, 2000),
        })
        const mode = statSync(file).mode & 0o777
        writeFileDurably(backup, backupOf(before.raw, whole, schema, before.text), mode)
        writeFileDurably(file, text, mode)
      } catch (error) {
        if (/^(EACCES|EPERM|EROFS|ENOSPC)$/.test((error as NodeJS.ErrnoException).code ?? ''))
          throw new AgentError('SETTINGS_NOT_WRITABLE')
        throw error
      }
      return { revision: revisionOf(text), diff, restartNeeded: restartNeeded(), backup }
    },
    export(who) {
      const { raw } = present()
      audit.write(who, 'settings.exported')
      return `${JSON.stringify(withoutSecrets(raw, schema), null, 2)}\n`
    },
    secrets() {
      const found = options.file === undefined ? undefined : tryRead(options.file)
      return found ? secretsIn(found.raw, schema) : []
    },
    redacted() {
      const found = options.file === undefined ? undefined : tryRead(options.file)
      return found && withoutSecrets(found.raw, schema)
    },
    restartNeeded,
  }
}

/** Of a certificate or key file no more than whether it will do: not whether it is there, may be read, or is something else. */
function withoutFileNews(fault: SettingsFault): SettingsFault {
  if (!/^network\.(ca|cert|key)File$/.test(fault.path) || !/^(file cannot be read|holds no|is not usable)/.test(fault.reason)) return fault
  return { path: fault.path, reason: 'is not usable 文件不可用：没有这个文件、不能读、不是所需的 PEM，或口令、证书与私钥不是一对' }
}

function tryRead(file: string): { file: string; text: string; revision: string; raw: unknown } | undefined {
  try {
    const text = readTextFile(file)
    return text === undefined ? undefined : { file, text, revision: revisionOf(text), raw: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

/** The file as it was, less the secrets that are replaced: a secret is changed because it may have leaked. They are to be entered anew. */
function backupOf(before: unknown, after: unknown, schema: SchemaNode, text: string): string {
  const kept = new Set(secretsIn(after, schema).map(({ value }) => value))
  const gone = secretsIn(before, schema).filter(({ value }) => !kept.has(value) && !/^(env|file):/.test(value))
  if (gone.length === 0) return text
  const values = new Set(gone.map(({ value }) => value))
  return `${JSON.stringify(before, (_key, value: unknown) => ((typeof value === 'string' || typeof value === 'number') && values.has(String(value)) ? '' : value), 2)}\n`
}

function revisionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
