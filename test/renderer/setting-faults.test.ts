import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingFaultZhCn } from '../../src/renderer/messages/diagnostics/setting-faults-zh-cn.ts'

const root = join(import.meta.dirname, '../..')
const CHINESE = /\p{Script=Han}/u

/** Every reason that stands in the sources of the settings, a number in place of what is put in. */
const reasons = globSync('src/{agent,devices,transcode}/**/*.ts', { cwd: root }).flatMap((file) => {
  const source = readFileSync(join(root, file), 'utf8')
  const all = (pattern: RegExp, before = '') => [...source.matchAll(pattern)].map(([, words]) => before + words!.replace(/\$\{[^}]*\}/g, '7'))
  return [
    ...all(/['`](must (?:be [^$…]|have |not )[^'`]*|required\b(?! \$)[^'`]*)['`]/g),
    ...all(/\breason\('([^']*)'\)/g, 'must be '),
    ...all(/\bneed\('\w+', '([^']*)'\)/g, 'required '),
  ]
})

test('every reason that a setting is refused for is told in Chinese', () => {
  expect(reasons.length).toBeGreaterThan(50)
  expect(reasons.filter((reason) => !CHINESE.test(settingFaultZhCn(reason)))).toEqual([])
})

test.each([
  ['required', '必填'],
  ['must be 6 or 12 digits', '须是 6 或 12 位数字'],
  ['must be 5 to 7 digits', '须是 5 到 7 位数字'],
  ['must be at most 65535 太大', '不能大于 65535'],
  ['must be one of MD5, SM3, SM2 取值不对', '只能是 MD5, SM3, SM2'],
  ['must be none, even or odd', '只能是 none、even 或 odd'],
  ['required when via is dll', 'via 为 dll 时必填'],
  ['unknown key 没有这个设置项', 'unknown key 没有这个设置项'],
])('%s: %s', (reason, words) => {
  expect(settingFaultZhCn(reason)).toBe(words)
})
