/** The technician's checks: what is wrong, and what to do about it. Nothing here changes anything. */
import { accessSync, closeSync, constants, existsSync, openSync, readSync, statfsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { dirname, join, resolve } from 'node:path'
import { cryptoSelfTest } from '../transcode/crypto/self-test.ts'
import { DEFINITIONS, type Settings } from './settings.ts'
import { check, type Check } from './technician/check.ts'
import { deviceChecks } from './technician/device-checks.ts'
import { originsIn } from './technician/origins.ts'
import { platformChecks } from './technician/platform-checks.ts'
import { auditCheck, keyCheck, originCheck, portCheck, tokenCheck, rightsChecks } from './technician/safety-checks.ts'

const LOW_DISK_BYTES = 200 * 1024 * 1024

/** Runs every check, one after the other; none needs a running terminal, none disturbs one. */
export async function* diagnose(settings: Settings, dataDir: string, settingsFile?: string): AsyncGenerator<Check> {
  yield nodeCheck()
  yield sqliteCheck()
  yield cryptoCheck()
  yield dataDirCheck(dataDir)
  yield diskCheck(dataDir)
  yield outboxCheck(dataDir)
  yield await keyCheck(dataDir)
  yield* await rightsChecks(dataDir, settingsFile)
  yield tokenCheck(dataDir)
  yield auditCheck(dataDir)
  yield await portCheck(settings.api)
  yield originCheck(settings.api)
  yield* deviceChecks(settings.devices)
  for (const definition of DEFINITIONS) {
    const section = settings.platforms[definition.settingsKey]
    if (section === undefined) continue
    for (const url of originsIn(section)) yield* platformChecks(definition.id, url, settings.network)
  }
}

function nodeCheck(): Check {
  const major = Number(process.versions.node.split('.')[0])
  const ok = major >= 24
  return check('node', 'Node 版本', ok, process.versions.node, '请用 package.json 固定的 Node 24 运行（npm 脚本会自动使用）。')
}

function sqliteCheck(): Check {
  try {
    const db = new DatabaseSync(':memory:')
    const { version } = db.prepare('SELECT sqlite_version() AS version').get() as { version: string }
    db.close()
    return check('sqlite', '数据库引擎', true, `SQLite ${version}`)
  } catch (error) {
    return check('sqlite', '数据库引擎', false, (error as Error).message, '运行环境缺少 node:sqlite，请使用随码桥发布的运行环境。')
  }
}

function cryptoCheck(): Check {
  const failed = cryptoSelfTest()
  return check(
    'crypto',
    '国密与签名自检',
    failed.length === 0,
    failed.length === 0 ? '文档样例全部一致' : `不一致：${failed.join('、')}`,
    '安装包可能损坏，请重新安装。',
  )
}

function dataDirCheck(dataDir: string): Check {
  const advice = '请检查数据目录是否存在、运行账户是否可写，或用 --data-dir 指定。'
  try {
    const place = nearestAbove(dataDir)
    accessSync(place, constants.R_OK | constants.W_OK)
    return check('data-dir', '数据目录', statSync(place).isDirectory(), dataDir, advice)
  } catch (error) {
    return check('data-dir', '数据目录', false, `${dataDir} ${(error as NodeJS.ErrnoException).code ?? ''}`, advice)
  }
}

/** The folder, or the lowest one above it that is there: a start makes the rest. The root where none is, which is a drive that is missing. */
function nearestAbove(dataDir: string): string {
  let at = resolve(dataDir)
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at)
  return at
}

function diskCheck(dataDir: string): Check {
  try {
    const place = nearestAbove(dataDir)
    const { bavail, bsize } = statfsSync(place)
    const free = bavail * bsize
    return check('disk', '磁盘空间', free > LOW_DISK_BYTES, `剩余 ${Math.round(free / 1024 / 1024)} MB`, '请清理磁盘，至少留出 200 MB。')
  } catch (error) {
    return check('disk', '磁盘空间', false, (error as NodeJS.ErrnoException).code ?? '无法读取', '请检查磁盘状态。')
  }
}

function outboxCheck(dataDir: string): Check {
  const file = join(dataDir, 'outbox.db')
  if (!existsSync(file)) return check('outbox', '上报数据库', true, '尚未建立')
  try {
    // The header is enough to tell the worst damage; opening the database could disturb a running terminal.
    const header = headerOf(file)
    return check('outbox', '上报数据库', header === 'SQLite format 3\0', `${statSync(file).size} 字节`, '文件已损坏：启动时会另存并新建，请保留原文件。')
  } catch (error) {
    return check('outbox', '上报数据库', false, (error as NodeJS.ErrnoException).code ?? '无法读取', '请检查数据目录权限。')
  }
}

function headerOf(file: string): string {
  const handle = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(16)
    return bytes.toString('latin1', 0, readSync(handle, bytes, 0, 16, 0))
  } finally {
    closeSync(handle)
  }
}
