/** The technician's checks: what is wrong, and what to do about it. Nothing here changes anything. */
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { connect as tlsConnect } from 'node:tls'
import { lookup } from 'node:dns/promises'
import { join } from 'node:path'
import { PLATFORM_NAMES, type PlatformId } from '../transcode/outcome.ts'
import { cryptoSelfTest } from '../transcode/crypto/self-test.ts'
import { createHttpClient } from '../transcode/platforms/http.ts'
import { PlatformError } from '../transcode/platforms/platform-error.ts'
import { CLOCK_REFUSED_MS } from './platform-monitor.ts'
import { DEFINITIONS, type Settings } from './settings.ts'

export type Check = {
  /** Stable, such as `platform.ankang.reach`. */
  id: string
  ok: boolean
  title: string
  /** What was seen. */
  detail: string
  /** What to do; absent where all is well. */
  advice?: string
}

const CONNECT_MS = 5000
const CERTIFICATE_WARNING_DAYS = 30
const LOW_DISK_BYTES = 200 * 1024 * 1024

/** Runs every check that needs no running terminal, one after the other. */
export async function* diagnose(settings: Settings, dataDir: string): AsyncGenerator<Check> {
  yield nodeCheck()
  yield sqliteCheck()
  yield cryptoCheck()
  yield dataDirCheck(dataDir)
  yield diskCheck(dataDir)
  yield outboxCheck(dataDir)
  for (const device of settings.devices.serial) yield serialCheck(device)
  for (const definition of DEFINITIONS) {
    const section = settings.platforms[definition.settingsKey]
    if (section === undefined) continue
    for (const url of originsIn(section)) yield* platformChecks(definition.id, url)
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
    const place = existsSync(dataDir) ? dataDir : join(dataDir, '..')
    accessSync(place, constants.R_OK | constants.W_OK)
    return check('data-dir', '数据目录', statSync(place).isDirectory(), dataDir, advice)
  } catch (error) {
    return check('data-dir', '数据目录', false, `${dataDir} ${(error as NodeJS.ErrnoException).code ?? ''}`, advice)
  }
}

function diskCheck(dataDir: string): Check {
  try {
    const place = existsSync(dataDir) ? dataDir : '/'
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
    // A copy of the header is enough to tell damage; opening it could disturb a running terminal.
    const header = readFileSync(file).subarray(0, 16).toString('latin1')
    return check('outbox', '上报数据库', header === 'SQLite format 3\0', `${statSync(file).size} 字节`, '文件已损坏：启动时会另存并新建，请保留原文件。')
  } catch (error) {
    return check('outbox', '上报数据库', false, (error as NodeJS.ErrnoException).code ?? '无法读取', '请检查数据目录权限。')
  }
}

function serialCheck(device: Settings['devices']['serial'][number]): Check {
  const path = (device as { path?: string }).path
  if (path === undefined) return check('serial.match', '串口扫码枪', true, '按 USB 标识匹配，启动后自动查找')
  const windows = /^COM\d+$/i.test(path)
  const present = windows || existsSync(path)
  const id = `serial.${path}`
  if (!present) return check(id, '串口扫码枪', false, `${path} 不存在`, '检查数据线；确认扫码枪已设为串口（USB-COM）模式，端口名与设置一致。')
  try {
    if (!windows) accessSync(path, constants.R_OK | constants.W_OK)
    return check(id, '串口扫码枪', true, path)
  } catch {
    return check(id, '串口扫码枪', false, `${path} 没有权限`, '安装 resources/udev 中的规则，或把运行账户加入 dialout 组，然后重新登录。')
  }
}

async function* platformChecks(platform: PlatformId, url: URL): AsyncGenerator<Check> {
  const name = PLATFORM_NAMES[platform]
  const id = `platform.${platform}.${url.host}`
  try {
    const { address } = await lookup(url.hostname.replace(/^\[|\]$/g, ''))
    yield check(`${id}.name`, `${name} 域名解析`, true, `${url.hostname} → ${address}`)
  } catch {
    yield check(`${id}.name`, `${name} 域名解析`, false, url.hostname, '请检查本机 DNS 或平台地址设置。')
    return
  }
  if (url.protocol === 'https:') yield await certificateCheck(id, name, url)
  const http = createHttpClient()
  try {
    const reply = await http.send({ platform, operation: 'diagnose', method: 'GET', url: url.origin, timeoutMs: CONNECT_MS })
    yield check(`${id}.reach`, `${name} 可达`, true, `往返 ${Math.round(reply.ms)} ms`)
    const skew = reply.clockSkewMs
    if (skew !== undefined) {
      const seconds = Math.round(skew / 1000)
      const ok = Math.abs(skew) < CLOCK_REFUSED_MS / 2
      yield check(`${id}.clock`, `${name} 时间差`, ok, `${seconds} 秒`, '请校准本机时间；相差超过 600 秒平台会拒绝请求。')
    }
  } catch (error) {
    const fault = error instanceof PlatformError ? error.fault : { message: '连接失败', advice: '请检查网络。' }
    yield check(`${id}.reach`, `${name} 可达`, false, `${url.host} ${fault.message}`, fault.advice)
  } finally {
    await http.close()
  }
}

function certificateCheck(id: string, name: string, url: URL): Promise<Check> {
  const title = `${name} 证书`
  return new Promise((resolve) => {
    const port = Number(url.port || 443)
    const socket = tlsConnect({ host: url.hostname, port, servername: url.hostname, timeout: CONNECT_MS, minVersion: 'TLSv1.2' }, () => {
      const { valid_to, issuer } = socket.getPeerCertificate()
      const days = Math.floor((Date.parse(valid_to) - Date.now()) / 86_400_000)
      socket.destroy()
      resolve(check(`${id}.certificate`, title, days >= CERTIFICATE_WARNING_DAYS, `${issuer?.O ?? issuer?.CN ?? ''}，剩余 ${days} 天`, '证书将在 30 天内到期，请通知平台或信息科。'))
    })
    const failed = (reason: string) => {
      socket.destroy()
      resolve(check(`${id}.certificate`, title, false, reason, '请检查本机时间、医院自签 CA 设置与网络准入；不要绕过验证。'))
    }
    socket.on('error', (error) => failed((error as NodeJS.ErrnoException).code ?? '握手失败'))
    socket.on('timeout', () => failed('握手超时'))
  })
}

/** Every distinct origin among a section's addresses. */
function originsIn(section: unknown): URL[] {
  const found = new Map<string, URL>()
  const walk = (value: unknown): void => {
    if (typeof value === 'string' && /^https?:/i.test(value) && URL.canParse(value)) {
      const url = new URL(value)
      if (!found.has(url.origin)) found.set(url.origin, url)
    } else if (value !== null && typeof value === 'object') Object.values(value).forEach(walk)
  }
  walk(section)
  return [...found.values()]
}

function check(id: string, title: string, ok: boolean, detail: string, advice?: string): Check {
  return ok || advice === undefined ? { id, ok, title, detail } : { id, ok, title, detail, advice }
}
