/** The list of what is wrong: one entry a cause, with its next step. */
import { describe, expect, it } from 'vitest'
import type { Check } from '../../src/renderer/diagnostics/diagnostics-types.ts'
import { problemsOf } from '../../src/renderer/diagnostics/problems.ts'
import { newWorld } from './fake-diagnostics.ts'

const failed = (id: string, title: string, detail: string, advice: string): Check => ({ id, ok: false, title, detail, advice })
const told = (overview = newWorld().overview, checks: Check[] = []) => problemsOf(overview, checks)

describe('the problems', () => {
  it('are none where all is well', () => expect(told()).toEqual([]))

  it('tell a file that others can read once, whatever it holds, with the command that closes it', () => {
    const { overview } = newWorld()
    const open = (file: string) => ({ where: 'file', place: file, sound: false, words: '其他账户也能读', command: `chmod 600 '${file}'` })
    overview.keys.apiToken = open('/etc/settings.json')
    overview.keys.secrets = ['a', 'b'].map((path) => ({ path, ...open('/etc/settings.json') }))
    overview.keys.outbox = open('/var/outbox.key')
    const list = told(overview, [failed('key', '上报密钥', '/var/outbox.key（0644）', 'chmod')])
    expect(list.map(({ title, command }) => [title, command])).toEqual([
      ['其他账户能读 /var/outbox.key', "chmod 600 '/var/outbox.key'"],
      ['其他账户能读 /etc/settings.json', "chmod 600 '/etc/settings.json'"],
    ])
    expect(list[1]?.advice).toContain('HIS 令牌、2 个平台密钥')
  })

  it('tell a lost key as grave, without a command', () => {
    const { overview } = newWorld()
    overview.keys.outbox = { where: 'file', place: '/var/outbox.key', sound: false, words: '文件不存在或读不到' }
    expect(told(overview)).toEqual([{ id: 'key./var/outbox.key', grave: true, title: '找不到 /var/outbox.key', advice: expect.stringContaining('备份'), section: null }])
  })

  it('tell one network that is down once, not once a platform', () => {
    const { overview } = newWorld()
    for (const platform of overview.platforms.slice(0, 2)) Object.assign(platform, { state: 'failing', lastFault: 'NETWORK_NAME', certificates: [] })
    const list = told(overview, [
      failed('platform.ankang.a.cn.name', '安康码平台 域名解析', '解析不了 a.cn', '请网络管理员检查 DNS。'),
      failed('platform.health-card.b.cn.name', '电子健康卡平台 域名解析', '解析不了 b.cn', '请网络管理员检查 DNS。'),
    ])
    expect(list).toHaveLength(1)
    expect(list[0]).toMatchObject({ grave: true, section: 'platforms', advice: expect.stringMatching(/^所有平台都连不上.*网络管理员/) })
    expect(list[0]?.title).toMatch(/安康码平台.*电子健康卡平台.*a\.cn.*b\.cn/)
  })

  it('tell a refusal by its status beside checks that pass', () => {
    const { overview } = newWorld()
    Object.assign(overview.platforms[0]!, { state: 'failing', lastFault: 'HTTP_403', lastFaultWords: { message: '平台拒绝了本机的访问（HTTP 403）', advice: '白名单' } })
    expect(told(overview).map(({ title }) => title)).toEqual(['安康码平台 平台拒绝了本机的访问（HTTP 403）'])
  })

  it('tell a clock that is off although no exchange has shown it yet, and once where one has', () => {
    const { overview } = newWorld()
    const check = failed('platform.ankang.a.cn.clock', '安康码平台 时间差', '本机慢 700 秒', '校准')
    expect(told(overview, [check])).toHaveLength(1)
    overview.notices = [{ code: 'CLOCK_SKEW', message: '本机时间比平台慢约 12 分钟', advice: '校准' }]
    expect(told(overview, [check]).map(({ id }) => id)).toEqual(['notice.CLOCK_SKEW'])
  })

  it.each([
    ['serial./dev/ttyUSB1', 'serial:/dev/ttyUSB1', 'serial:/dev/ttyUSB10'],
    ['serial:0c2e', 'serial:0c2e', 'serial:0c2e#2'],
    ['hid:05e0:1300', 'hid:05e0:1300', 'hid:05e0:1300#2'],
  ])('tell a scanner that is missing once (%s), and never for its twin', (check, id, twin) => {
    const { overview } = newWorld()
    const missing = { ...overview.devices[0]!, state: 'missing' as const, fault: { code: 'DEVICE_MISSING' as const, message: '找不到扫码枪', advice: '插好' } }
    const checks = [failed(check, '扫码枪', '没有插入', '检查数据线')]
    overview.devices = [{ ...missing, id }]
    expect(told(overview, checks).map((problem) => problem.id)).toEqual([`device.${id}`])
    overview.devices = [{ ...missing, id: twin }]
    expect(told(overview, checks)).toHaveLength(2)
  })

  it('say how a service is restarted', () => {
    const { overview } = newWorld()
    overview.restartNeeded = true
    expect(told(overview)[0]?.command).toBeUndefined()
    overview.host.kind = 'none'
    expect(told(overview)[0]?.command).toBe('sudo systemctl restart maqiao')
  })

  it('lead to the section where they are put right, or to none', () => {
    const sections = ['port', 'audit', 'outbox', 'disk', 'crypto'].map((id) => told(newWorld().overview, [failed(id, id, '', '')])[0]?.section)
    expect(sections).toEqual(['settings', 'audit', 'outbox', null, null])
  })
})
