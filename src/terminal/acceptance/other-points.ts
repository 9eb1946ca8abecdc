/** What the other four documents require of the platforms that are configured: every interface, one at a time. */
import { platformChecks } from '../../agent/technician/platform-checks.ts'
import { originsIn } from '../../agent/technician/origins.ts'
import { PLATFORM_NAMES, type PlatformId } from '../../transcode/outcome.ts'
import type { Asker, Members } from './asker.ts'
import { failed, passed, passedUnless, Skipped, type Finding, type Point } from './point.ts'

/** Each interface, in an order in which a stay of 泉州 may have it, and the fields that its answer must have. */
const CALLS: readonly (readonly [platform: PlatformId, operation: string, wanted: readonly string[]])[] = [
  ['ankang', 'config', ['data']],
  ['ankang', 'transcode', ['data']],
  ['ankang', 'identify', ['data']],
  ['ankang', 'message', ['flag']],
  ['quanzhou', 'BC00.03.00.01', ['total']],
  ['quanzhou', 'BC00.03.00.03', ['frez_amt']],
  ['quanzhou', 'BC00.03.00.04', []],
  ['quanzhou', 'BC00.03.00.02', []],
  ['quanzhou', 'BC00.03.00.05', []],
  ['quanzhou', 'BC00.03.00.06', []],
  ['quanzhou', 'BC00.03.00.07', []],
  ['yuejiantong', 'exchangeCode', ['name', 'certificateNo']],
  ['beijing', 'entryUrl', ['url']],
  ['beijing', 'checkFace', ['data']],
  ['e-voucher', 'query', ['userName', 'idNo']],
]
/** Whose refusal, verified, shows just as well that the call is understood: there may be no such stay or day. */
const REFUSABLE = new Set(['BC00.03.00.02', 'BC00.03.00.07'])

export function otherPoints(asker: Asker): Point[] {
  const ways = (Object.keys(PLATFORM_NAMES) as PlatformId[]).filter((id) => asker.has(id)).map((id) => wayTo(id, asker.settings))
  const calls = CALLS.flatMap(([platform, operation, wanted]): Point[] => {
    const named = asker.named(platform, operation)
    if (named === undefined) return []
    const [document = '', section = ''] = named.source.split(' ')
    return [{ document, section, title: named.title, look: () => answered(asker, platform, operation, wanted) }]
  })
  const inbound: Point = {
    document: '泉州',
    section: '医院提供接口',
    title: '获取医院收费信息',
    look: () => Promise.reject(new Skipped('由平台调用本机：请在终端运行时由泉州平台发起，看日志与 HIS 的答复')),
  }
  return [...ways, ...calls, ...(asker.has('quanzhou') ? [inbound] : [])]
}

async function answered(asker: Asker, platform: PlatformId, operation: string, wanted: readonly string[]): Promise<Finding> {
  try {
    const { answer, ms } = await asker.ask(platform, operation)
    const missing = wanted.filter((name) => isNothing(answer[name]))
    return missing.length === 0 ? passed(`答复可信、内容完整，${ms} ms`) : failed(`答复没有 ${missing.join('、')}`)
  } catch (error) {
    const { ending, fault } = error as { ending?: string; fault?: { code: string } }
    if (REFUSABLE.has(operation) && ending === 'rejected' && fault !== undefined) return passed(`答复可信：没有这样的记录（${fault.code}）`)
    throw error
  }
}

const isNothing = (value: unknown) => value === undefined || value === null || value === '' || (Array.isArray(value) ? value.length === 0 : typeof value === 'object' && Object.keys(value as Members).length === 0)

/** Name, certificate, reach and clock of each address, as the doctor looks at them. */
function wayTo(id: PlatformId, settings: Asker['settings']): Point {
  const key = { 'health-card': 'healthCard', 'e-voucher': 'eVoucher' }[id as string] ?? id
  return {
    document: PLATFORM_NAMES[id],
    section: id === 'health-card' ? '3.1.1' : '网络',
    title: '网络、证书、时钟与 IP 白名单',
    async look() {
      const wrong: string[] = []
      const seen: string[] = []
      for (const url of originsIn(settings.platforms[key])) {
        for await (const { ok, id: check, title, detail, advice } of platformChecks(id, url, settings.network)) {
          if (!ok) wrong.push(`${title}：${detail}。${advice ?? ''}`)
          else if (/\.(reach|clock)$/.test(check)) seen.push(`${url.host} ${detail}`)
        }
      }
      return passedUnless(wrong, seen.join('；') || '没有网络地址')
    },
  }
}
