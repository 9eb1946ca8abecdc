/** One zip for whoever helps from afar: how the terminal stands, and nothing of any patient. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { cryptoSelfTest } from '../../transcode/crypto/self-test.ts'
import type { Agent } from '../agent.ts'
import { overviewOf } from './overview.ts'
import { pluggedIn } from './plugged-in.ts'
import type { SettingsDesk } from './settings-desk.ts'

export type PackagePart = { name: string; what: string; bytes: Uint8Array }

/** So much of the end of each log file. */
const MAX_LOG_BYTES = 4 * 1024 * 1024

/** Everything that goes into the package. */
export async function packageParts(agent: Agent, desk: SettingsDesk, host: string): Promise<PackagePart[]> {
  const { outbox, ...overview } = await overviewOf(agent, desk, host)
  const { minutes, ...status } = outbox
  const json = (name: string, what: string, value: unknown): PackagePart => ({
    name,
    what,
    bytes: strToU8(`${JSON.stringify(value, null, 2)}\n`),
  })
  const reports = agent.outbox
    .reports(1000)
    .map(({ lastError, ...report }) => ({ ...report, lastError: lastError?.code ?? null }))
  const failed = cryptoSelfTest()
  return [
    json('overview.json', '版本、内存、磁盘、密钥存放处、设备与平台状态', overview),
    json('settings.json', '设置，密钥已去除', desk.redacted() ?? null),
    json('devices.json', '已插入的串口与 HID 设备', await pluggedIn(agent.settings.devices)),
    json('self-test.json', '国密与签名自检', { ok: failed.length === 0, failed }),
    json('outbox.json', '上报数量与错误代码，不含内容', { status, reports }),
    json('minutes.json', '24 小时内每分钟的数量', minutes),
    json('latency.json', '最近 500 次扫码各阶段用时', agent.records.times.histograms()),
    json('audit.json', '审计链校验与最近 200 次操作的类别', {
      check: await agent.audit.verifyInTurns(),
      entries: agent.audit.latest(200).map(({ seq, at, what }) => ({ seq, at, what })),
    }),
    {
      name: 'logs/recent.jsonl',
      what: '最近 500 行日志（已脱敏）',
      bytes: strToU8(`${agent.log.tail().join('\n')}\n`),
    },
    ...logFiles(join(agent.dataDir, 'logs')),
  ]
}

/** @param at ms since 1970 */
export function packageName(terminalId: string, at: number): string {
  const time = new Date(at).toISOString().slice(0, 16).replace(/[-:]/g, '')
  return `maqiao-support-${terminalId.replace(/[^0-9A-Za-z_-]/g, '_')}-${time}.zip`
}

export function zipOf(parts: readonly PackagePart[]): Uint8Array {
  return zipSync(Object.fromEntries(parts.map(({ name, bytes }) => [name, bytes])), { level: 6 })
}

function logFiles(directory: string): PackagePart[] {
  let names: string[]
  try {
    names = readdirSync(directory).filter((name) => /^maqiao\.log(\.\d+)?$/.test(name))
  } catch {
    return [] // the log goes to standard error
  }
  return names
    .sort()
    .map((name) => ({ name: `logs/${name}`, what: '运行日志（已脱敏）', bytes: endOf(join(directory, name)) }))
}

function endOf(file: string): Uint8Array {
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    const bytes = new Uint8Array(Math.min(size, MAX_LOG_BYTES))
    return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, size - bytes.length))
  } finally {
    closeSync(handle)
  }
}
