import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chinaCompactTime, chinaDateTime, nextChinaMidnight, parseTime } from '../../src/transcode/china-time.ts'

it('writes China’s time, whatever the host’s zone is', () => {
  const before = process.env['TZ']
  try {
    for (const zone of ['UTC', 'America/New_York', 'Asia/Shanghai']) {
      process.env['TZ'] = zone
      expect(chinaDateTime(1525392000000)).toBe('2018-05-04 08:00:00')
      expect(chinaCompactTime(Date.UTC(2025, 11, 31, 16, 0, 0))).toBe('20260101000000')
      expect(parseTime('2018-05-04 08:00:00')).toBe(1525392000000)
    }
  } finally {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  }
})
it('finds the next midnight in China', () => {
  expect(nextChinaMidnight(Date.UTC(2026, 0, 2, 15, 59, 59, 999))).toBe(Date.UTC(2026, 0, 2, 16))
  expect(nextChinaMidnight(Date.UTC(2026, 0, 2, 16))).toBe(Date.UTC(2026, 0, 3, 16))
})
it.each([
  ['20180504080000', 1525392000000],
  ['2018-05-04T08:00:00', 1525392000000],
  ['2018-05-04T00:00:00Z', 1525392000000],
  ['2018-05-04T00:00:00.250Z', 1525392000250],
  ['2018-05-04T00:00Z', 1525392000000],
  ['2018-05-04T08:00', 1525392000000],
  ['2018-05-03T20:00:00-0400', 1525392000000],
  ['2018-05-04T08:00:00.123456+08:00', 1525392000123],
])('reads %s', (text, at) => {
  expect(parseTime(text)).toBe(at)
})
it.each(['', 'now', '2018-05-04', '20180231080000', '20181301000000', '20180504246000', '20180504080060', '1525392000000', '2018-05-04 08:00'])('refuses %j', (text) => {
  expect(parseTime(text)).toBeUndefined()
})
it('reads what it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      expect(parseTime(chinaDateTime(seconds * 1000))).toBe(seconds * 1000)
      expect(parseTime(chinaCompactTime(seconds * 1000))).toBe(seconds * 1000)
    }),
  )
})
