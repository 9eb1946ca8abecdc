/** Keys, audit chain and port: looked at from outside, so that it can be done beside a running terminal. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { keySource, loadSealer } from '../../outbox/key-file.ts'
import { rightsOf, type FileRights, type System } from '../file-rights.ts'
import { readInstallationDigest } from '../installation-secret.ts'
import { settingsJsonSchema, type Settings } from '../settings.ts'
import { NO_TEXT, readTextFile } from '../text-file.ts'
import { verifyAudit } from './audit-check.ts'
import { closedNames, headFile, monthsFile } from './audit-files.ts'
import { readAuditWitness } from './audit-witness.ts'
import { check, type Check } from './check.ts'
import { secretsIn, type SchemaNode } from './settings-marks.ts'

const HEALTH_MS = 3000

export async function keyCheck(dataDir: string, system?: System): Promise<Check> {
  const title = '上报密钥'
  if (keySource() === 'systemd') return check('key', title, true, 'systemd 凭据 maqiao-outbox-key')
  const file = join(dataDir, 'outbox.key')
  if (!existsSync(file)) {
    const orphan = existsSync(dataDir) && readdirSync(dataDir).some((name) => name.endsWith('.db'))
    return check(
      'key',
      title,
      !orphan,
      orphan ? '有数据库而没有 outbox.key' : '尚未建立',
      '请恢复数据目录中的 outbox.key；没有它，已存的记录无法解密。',
    )
  }
  const rights = await rightsOf(file, system)
  return check('key', title, rights.state === 'closed', `${file}：${rights.words}`, adviceFor([rights]))
}

/** Who else can open the data directory, the other keys and tokens, the settings and the files that they name. */
export async function rightsChecks(dataDir: string, settingsFile: string | undefined, system?: System): Promise<Check[]> {
  const look = async (file: string) => ({ file, rights: await rightsOf(file, system) })
  const checks: Check[] = []
  if (existsSync(dataDir)) {
    const { rights } = await look(dataDir)
    // Names alone are no secret; on Windows the files take the rights of their directory.
    const isSound = rights.state === 'closed' || (rights.command?.startsWith('chmod') === true && !rights.writable)
    checks.push(check('data-dir.rights', '数据目录权限', isSound, rights.words, adviceFor([rights])))
  }
  const kept = await Promise.all(['installation.secret', 'session.key', 'api-token'].map((name) => join(dataDir, name)).filter(existsSync).map(look))
  checks.push(...filesCheck('secrets.rights', '密钥与令牌文件', kept, () => false))
  if (settingsFile === undefined || !existsSync(settingsFile)) return checks
  const secrets = secretsOf(settingsFile)
  // Without a secret in it, it may be read: whoever changes it sends the platform's secrets elsewhere.
  const isPlain = secrets.every((value) => /^(env|file):/.test(value))
  const settings = await look(settingsFile)
  if (isPlain && settings.rights.state === 'open' && !settings.rights.writable) checks.push(check('settings.rights', '设置文件权限', true, `${settings.rights.words}，其中没有密钥`))
  else checks.push(...filesCheck('settings.rights', '设置文件权限', [settings], isOnlyRead))
  const named = new Set(secrets.flatMap((value) => (value.startsWith('file:') ? [resolve(dirname(settingsFile), value.slice(5))] : [])))
  checks.push(...filesCheck('secret-files.rights', '设置所指的密钥文件', await Promise.all([...named].filter(existsSync).map(look)), isOnlyRead))
  return checks
}

type LookedAt = { file: string; rights: FileRights }

/** A file of the hospital's own that others can read, but not change, is a warning. */
function isOnlyRead({ rights }: LookedAt): boolean {
  return rights.state === 'open' && !rights.writable
}

function filesCheck(id: string, title: string, files: readonly LookedAt[], isWarning: (file: LookedAt) => boolean): Check[] {
  const open = files.filter(({ rights }) => rights.state !== 'closed')
  if (files.length === 0) return []
  if (open.length === 0) return [check(id, title, true, `${files.length} 个文件，${files[0]!.rights.words}`)]
  const detail = open.map(({ file, rights }) => `${file}：${rights.words}`).join('；')
  return [{ id, ok: open.every(isWarning), title, detail, advice: adviceFor(open.map(({ rights }) => rights)) }]
}

function adviceFor(rights: readonly FileRights[]): string {
  const commands = rights.flatMap(({ command }) => command ?? [])
  if (commands.length === 0) return '请确认运行码桥的账户能读到它，所在磁盘支持文件权限（NTFS、ext4 等）。'
  return `其他账户能打开：请由文件的所有者或管理员执行 ${commands.join(' ; ')} ，并更换可能已被读走的密钥。`
}

/** The secrets as they stand in a settings file; none if it cannot be read. */
function secretsOf(settingsFile: string): string[] {
  try {
    const raw: unknown = JSON.parse(readTextFile(settingsFile) ?? '')
    return secretsIn(raw, settingsJsonSchema() as SchemaNode).map(({ value }) => value)
  } catch {
    return []
  }
}

/** Whether the installation's own token and key can be read as texts, where somebody has saved them anew. */
export function tokenCheck(dataDir: string): Check {
  const title = '接口令牌'
  for (const file of ['api-token', 'session.key'].map((name) => join(dataDir, name)).filter(existsSync)) {
    try {
      if (readTextFile(file) === undefined) return check('token', title, false, `${file} ${NO_TEXT}`, '请另存为 UTF-8，或删除它：下次启动会生成新的，须更新 HIS。')
    } catch (error) {
      return check('token', title, false, `${file} 无法读取（${(error as NodeJS.ErrnoException).code}）`, '请检查数据目录的权限。')
    }
  }
  return check('token', title, true, existsSync(join(dataDir, 'api-token')) ? '可读' : '尚未建立，或写在设置里')
}

/** A warning where any page from disk may call the terminal. */
export function originCheck({ allowedOrigins }: Settings['api']): Check {
  const title = '网页来源'
  if (!allowedOrigins.includes('null')) return check('origins', title, true, allowedOrigins.join('、') || '只有终端自己的屏幕')
  return {
    id: 'origins',
    ok: true,
    title,
    detail: 'api.allowedOrigins 中有 null：这台电脑上从磁盘打开的任何网页、任何网站的沙盒框架，只要有令牌就能调用',
    advice: '联调结束后请删去 "null"，把 HIS 网页放到网站上，填它的来源。',
  }
}

export function auditCheck(dataDir: string): Check {
  const title = '审计链'
  const file = join(dataDir, 'audit.jsonl')
  const kept = [file, headFile(file), monthsFile(file), ...closedNames(file).map((name) => join(dataDir, name))]
  const isThere = kept.some((each) => existsSync(each) && statSync(each).size > 0)
  const advice = '审计记录可能被改动：请保留 audit.jsonl 与各月文件的原件，并报告信息安全负责人。'
  try {
    // Without its key the directory must not be given a new one here.
    if (keySource() === 'file' && !existsSync(join(dataDir, 'outbox.key'))) {
      if (!isThere) return check('audit', title, true, '尚无记录')
      return check('audit', title, false, '没有密钥，无法校验', '请恢复数据目录中的 outbox.key。')
    }
    const sealer = loadSealer(dataDir)
    const witness = readAuditWitness(dataDir, sealer)
    if (!isThere && !witness) return check('audit', title, true, '尚无记录')
    const digest = readInstallationDigest(dataDir, sealer)
    if (!digest) return check('audit', title, false, '缺少 installation.secret，无法校验', advice)
    const found = verifyAudit(file, digest, witness)
    if (found.ok) return check('audit', title, true, `${found.entries} 条记录，逐条相连`)
    return check('audit', title, false, `${found.file ? `${found.file} ` : ''}第 ${found.line} 行起断开：${found.reason}`, advice)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return check(
      'audit',
      title,
      false,
      `无法校验（${code ?? (error as Error).name}）`,
      '请检查数据目录的权限与密钥文件。',
    )
  }
}

/** Taken by a running terminal is as good as free. */
export async function portCheck({ host, port }: Settings['api']): Promise<Check> {
  const title = '本地接口端口'
  const asked = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const origin = `http://${asked.includes(':') ? `[${asked}]` : asked}:${port}`
  if (port === 0) return check('port', title, true, '任取空闲端口')
  try {
    const answer = await fetch(`${origin}/api/v1/health`, { signal: AbortSignal.timeout(HEALTH_MS), redirect: 'error' })
    const health = (await answer.json()) as { version?: unknown; terminalId?: unknown }
    if (typeof health.version === 'string' && typeof health.terminalId === 'string') {
      return check('port', title, true, `${port}：码桥 ${health.version} 正在运行（终端 ${health.terminalId}）`)
    }
  } catch (error) {
    const cause = (error as { cause?: { code?: string; errors?: { code?: string }[] } }).cause
    const code = cause?.code ?? cause?.errors?.[0]?.code
    if (code === 'ECONNREFUSED') return check('port', title, true, `${port} 空闲`)
    if (code === 'EADDRNOTAVAIL' || code === 'EHOSTUNREACH' || code === 'ENOTFOUND') {
      return check('port', title, false, `本机没有地址 ${host}`, '请把设置 api.host 改为 127.0.0.1。')
    }
  }
  return check(
    'port',
    title,
    false,
    `${port} 被其他程序占用`,
    '请关闭占用该端口的程序，或在设置 api.port 中换一个端口。',
  )
}
