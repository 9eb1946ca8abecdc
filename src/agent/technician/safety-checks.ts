/** Keys, audit chain and port: looked at from outside, so that it can be done beside a running terminal. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { keySource, loadSealer } from '../../outbox/key-file.ts'
import { readInstallationDigest } from '../installation-secret.ts'
import type { Settings } from '../settings.ts'
import { verifyAudit } from './audit-log.ts'
import { readAuditWitness } from './audit-witness.ts'
import { check, type Check } from './check.ts'

const HEALTH_MS = 3000

export function keyCheck(dataDir: string): Check {
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
  const mode = statSync(file).mode & 0o777
  const open = process.platform !== 'win32' && (mode & 0o077) !== 0
  return check(
    'key',
    title,
    !open,
    `${file}（${mode.toString(8).padStart(4, '0')}）`,
    '其他账户也能读密钥：请执行 chmod 600 outbox.key。',
  )
}

export function auditCheck(dataDir: string): Check {
  const title = '审计链'
  const file = join(dataDir, 'audit.jsonl')
  const isThere = [file, `${file}.head`].some((each) => existsSync(each) && statSync(each).size > 0)
  const advice = '审计记录可能被改动：请保留 audit.jsonl 原件，并报告信息安全负责人。'
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
    return check('audit', title, false, `第 ${found.line} 行起断开：${found.reason}`, advice)
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
