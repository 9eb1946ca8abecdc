/** What the desk says and offers for every return code of the documents, without a browser. */
import { describe, expect, it } from 'vitest'
import { endingWords } from '../../src/renderer/desk/ending-words.ts'
import { deskEndingsZhCn } from '../../src/renderer/messages/desk-endings-zh-cn.ts'
import { deskZhCn } from '../../src/renderer/messages/desk-zh-cn.ts'
import { sharedZhCn } from '../../src/renderer/messages/shared-zh-cn.ts'
import type { CodeFormat, Fault, Outcome, Status } from '../../src/transcode/outcome.ts'
import * as ankang from '../../src/transcode/platforms/ankang/return-codes.ts'
import * as eVoucher from '../../src/transcode/platforms/e-voucher/codes.ts'
import * as healthCard from '../../src/transcode/platforms/health-card/return-codes.ts'
import type { PlatformError } from '../../src/transcode/platforms/platform-error.ts'
import { transportError, type TransportFault } from '../../src/transcode/platforms/transport-error.ts'
import * as yuejiantong from '../../src/transcode/platforms/yuejiantong/codes.ts'
import { outcome } from './fake-screen.ts'

const ended = (format: CodeFormat, status: Status, error: Fault): Outcome => outcome(format, status, { error })
const of = (format: CodeFormat, { ending, fault }: PlatformError): [string, Outcome] => [`${fault.platform} ${fault.code}`, ended(format, ending, fault)]

const WAYS: TransportFault[] = [
  'NETWORK_TIMEOUT', 'NETWORK_UNREACHABLE', 'NETWORK_NAME', 'NETWORK_RESET', 'NETWORK_TLS', 'REPLY_TOO_LARGE', 'REPLY_NOT_JSON', 'REPLY_EMPTY',
  'REPLY_SHAPE', 'REPLY_OTHER', 'HTTP_STATUS', 'REQUEST_ABORTED',
]
const ENDINGS = [
  ...Object.keys(healthCard.RETURN_CODES).map((code) => of('health-card-dynamic', healthCard.refusal(code, ''))),
  of('health-card-static', healthCard.refusal('12345', '平台自己的话')),
  ...['400', '500', '999'].map((code) => of('ankang', ankang.refusal(code, ''))),
  of('ankang', ankang.noTarget('电子健康码')),
  of('ankang', ankang.sceneNotAllowed()),
  ...Object.keys(yuejiantong.RETURN_CODES).map((code) => of('yuejiantong', yuejiantong.refusal(code, undefined))),
  of('yuejiantong', yuejiantong.codeMissing()),
  of('e-voucher', eVoucher.refusal('77', '医保返回的话')),
  ...WAYS.map((way) => of('health-card-dynamic', transportError('health-card', way))),
]
const byName = new Map(ENDINGS)
const byStatus = (status: number) => of('health-card-dynamic', transportError('health-card', 'HTTP_STATUS', { status }))[1]

describe('every ending', () => {
  it.each(ENDINGS)('%s has a headline that fits one line, a reason and a next step, none of them “unknown”', (_name, ending) => {
    const { headline } = endingWords(ending)
    expect(headline.length).toBeGreaterThan(3)
    expect(headline.length).toBeLessThanOrEqual(11)
    for (const text of [headline, ending.error!.message, ending.error!.advice]) {
      expect(text.trim()).not.toBe('')
      expect(text).not.toMatch(/未知(错误|异常)|不明错误|[Uu]nknown/)
    }
  })

  it.each(ENDINGS)('%s leads where its advice leads', (_name, { error, ...rest }) => {
    const { action, fresh } = endingWords({ ...rest, error: error! })
    const again = /重扫|再扫|重新扫码|重新出示|刷新|重新授权|重新进入|重新获取|请稍候重试|再试/.test(error!.advice)
    if (action === 'rescan') expect(again || error!.code === 'REQUEST_ABORTED').toBe(true)
    if (fresh) expect(action).toBe('rescan')
  })

  it.each([
    ['health-card 10020', '这个码已失效', 'rescan', true],
    ['health-card -10031', '电子健康卡已停用', 'manual', false],
    ['health-card -10019', '没有查到电子健康卡', 'manual', false],
    ['health-card 10015', '身份核对不符', 'manual', false],
    ['health-card 21002', '电子健康卡接入有误', 'manual', false],
    ['health-card 21003', '电子健康卡平台出错', 'rescan', false],
    ['health-card 10034', '今日次数已用完', 'manual', false],
    ['health-card -1', '电子健康卡平台出错', 'rescan', true],
    ['health-card NETWORK_TIMEOUT', '平台超时未答复', 'rescan', true],
    ['health-card NETWORK_UNREACHABLE', '平台连接不上', 'manual', false],
    ['health-card NETWORK_TLS', '平台证书不可信', 'manual', false],
    ['ankang 999', '安康码未通过', 'rescan', true],
    ['ankang TARGET_NONE', '没有可用的卡码', 'manual', false],
    ['yuejiantong 1', '这个码已失效', 'rescan', true],
    ['yuejiantong 3', '粤健通接入有误', 'manual', false],
  ])('%s: %s, then %s', (name, headline, action, fresh) => {
    expect(endingWords(byName.get(name)!)).toEqual({ headline, action, fresh })
  })

  it.each([[503, 'rescan'], [429, 'rescan'], [401, 'manual'], [403, 'manual'], [404, 'manual'], [407, 'manual']] as const)(
    'HTTP %i: another scan is offered only where it helps',
    (status, action) => expect(endingWords(byStatus(status))).toEqual({ headline: '平台没有正常答复', action, fresh: action === 'rescan' }),
  )
})

it('says nowhere that an error is unknown', () => {
  const texts = JSON.stringify([sharedZhCn, deskZhCn, deskEndingsZhCn], (_key, value: unknown) => (typeof value === 'function' ? String((value as (...all: unknown[]) => string)(3, 3)) : value))
  expect(texts).not.toMatch(/未知错误|未知异常|不明错误|[Uu]nknown error/)
})
