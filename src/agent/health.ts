/** How the terminal stands, for anybody: nothing of it is personal. */
import type { Hub } from '../devices/hub.ts'
import type { DeviceStatus } from '../devices/scanner.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { PlatformMonitor, PlatformStatus } from './platform-monitor.ts'
import type { SeenCertificate } from './technician/certificates.ts'

export type Health = {
  status: 'ok' | 'degraded'
  version: string
  terminalId: string
  uptimeSec: number
  devices: Pick<DeviceStatus, 'id' | 'kind' | 'state'>[]
  platforms: Pick<PlatformStatus, 'id' | 'state'>[]
  /** `pending` holds neither the dead nor the unproven. */
  outbox: { pending: number; dead: number; unproven: number }
}

/** What is wrong with the terminal as a whole, for every screen. */
export type Notice = { code: string; message: string; advice: string }

export function healthOf(parts: {
  version: string
  terminalId: string
  startedAt: number
  now: number
  hub: Pick<Hub, 'status'>
  monitor: Pick<PlatformMonitor, 'statuses'>
  outbox: Pick<Outbox, 'status'>
}): Health {
  const { pending, dead, unproven, fault } = parts.outbox.status()
  const devices = parts.hub.status().map(({ id, kind, state }) => ({ id, kind, state }))
  const platforms = parts.monitor.statuses().map(({ id, state }) => ({ id, state }))
  const sound =
    fault === null &&
    devices.every((device) => device.state === 'open' || device.state === 'lent') &&
    platforms.every((platform) => platform.state !== 'failing')
  return {
    status: sound ? 'ok' : 'degraded',
    version: parts.version,
    terminalId: parts.terminalId,
    // A clock that jumped back must not make it negative.
    uptimeSec: Math.max(0, Math.round((parts.now - parts.startedAt) / 1000)),
    devices,
    platforms,
    outbox: { pending, dead, unproven },
  }
}

export function noticesOf(parts: { outbox: Pick<Outbox, 'status'>; monitor: Pick<PlatformMonitor, 'clockNotice'>; setAside: string | null; filesWereGone: boolean; origin: Notice | null; unstored: boolean; certificate?: SeenCertificate | undefined }): Notice[] {
  const { fault, setAside, filesWereGone, held } = parts.outbox.status()
  const clock = parts.monitor.clockNotice()
  return [
    ...(fault ? [fault] : []),
    ...(setAside !== null || parts.setAside !== null
      ? [{ code: 'DATA_SET_ASIDE', message: '数据库曾损坏，已另存并新建', advice: '请信息科保留数据目录中带 damaged 的文件，并导出诊断包。' }]
      : []),
    ...(filesWereGone || parts.filesWereGone
      ? [{ code: 'DATA_FILES_GONE', message: '数据目录中的文件在运行中被移走或替换过，已从内存重建', advice: '请信息科查明是什么程序动了数据目录，并把它列为杀毒、清理软件的例外；没有保存的结果请由 HIS 重新提交。' }]
      : []),
    ...(parts.origin ? [parts.origin] : []),
    ...(held > 0
      ? [{ code: 'REPORTS_HELD', message: `${held} 条上报来自恢复或复制的数据，等技术人员确认后才发送`, advice: '请技术人员在诊断“上报”页核对平台是否已有这些记录，再按“放行”；新的上报照常发送。' }]
      : []),
    ...(parts.unstored
      ? [{ code: 'OUTCOMES_IN_MEMORY', message: '磁盘写不进去，扫码结果暂存在内存中', advice: '扫码可继续；请信息科尽快清理磁盘，此前不要关机。' }]
      : []),
    ...(clock ? [clock] : []),
    ...(parts.certificate?.expiresSoon ? [expiry(parts.certificate)] : []),
  ]
}

function expiry({ host, daysLeft }: SeenCertificate): Notice {
  const advice = '请信息科联系平台或医院的证书管理方更换证书。'
  return { code: 'CERTIFICATE_EXPIRES', message: `${host} 的安全证书还有 ${daysLeft} 天到期`, advice }
}
