import { expect, test } from 'vitest'
import { createPlatformMonitor, transportWords } from '../../src/agent/platform-monitor.ts'

const monitorOf = () => createPlatformMonitor({ all: ['ankang'], configured: ['ankang'], now: () => 0 })

test.each([
  [200, 'ok', undefined],
  [302, 'failing', '要求转到别的地址，不是平台的接口（HTTP 302）'],
  [403, 'failing', '拒绝了本机的访问（HTTP 403）'],
  [404, 'failing', '没有这个接口地址（HTTP 404）'],
  [503, 'failing', '不能服务（HTTP 503）'],
])('a platform that answers %i is %s, and says why', (status, state, words) => {
  const monitor = monitorOf()
  monitor.onExchange({ platform: 'ankang', operation: 'transcode', ms: 5, status })
  expect(monitor.statuses()[0]?.state).toBe(state)
  if (words !== undefined) expect(monitor.statuses()[0]?.message).toContain(words)
})

test('a refusal leads to the allow-list, a timeout to the network', () => {
  expect(transportWords('HTTP_403').advice).toMatch(/白名单.*平台对接人/)
  expect(transportWords('NETWORK_UNREACHABLE').advice).toContain('网络')
})
