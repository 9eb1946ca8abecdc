/** Pages of the open platform that a browser is sent to; each comes back to `redirect_uri` with its code. */
import { z } from 'zod'
import type { Operation } from '../platform.ts'
import { validate } from '../validate.ts'

/** 2.3.5: comes back with wechatCode. */
export function userCodeUrl(pageUrl: string, redirectUri: string): string {
  return page(pageUrl, 'getUserCode', { redirect_uri: redirectUri })
}

/** 2.4.5: comes back with healthCode. */
export function healthCardListUrl(pageUrl: string, redirectUri: string): string {
  return page(pageUrl, 'getHealthCardList', { redirect_uri: redirectUri })
}

/** 2.5.5: activates a card of a batch; `openId` as the platform's own encryption gave it. */
export function batchActiveCardUrl(pageUrl: string, openId: string, redirectUri: string): string {
  return page(pageUrl, 'batchActiveCard', { open_id: openId, redirect_uri: redirectUri })
}

function page(pageUrl: string, name: string, query: Record<string, string>): string {
  const url = new URL(`${pageUrl.replace(/(?<!\/)\/+$/, '')}/open/${name}`)
  // Not by URLSearchParams: a blank is %20 in the document's encodeURIComponent, a plus there.
  url.search = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')
  return url.href
}

const redirect_uri = z.url({ protocol: /^https?$/, message: '应为 http(s) 网址' })
const request = z.strictObject({ redirect_uri })
const response = z.strictObject({ url: z.string() })

/** The three pages as operations: nothing is sent, `url` is for the patient's own browser. */
export function pageOperations(pageUrl: string): Record<'getUserCode' | 'getHealthCardList' | 'batchActiveCard', Operation> {
  return {
    getUserCode: define('2.3.5', '微信身份码跳转地址', request, (body) => userCodeUrl(pageUrl, body.redirect_uri)),
    getHealthCardList: define('2.4.5', '健康卡授权码跳转地址', request, (body) => healthCardListUrl(pageUrl, body.redirect_uri)),
    batchActiveCard: define('2.5.5', '批量激活跳转地址', request.extend({ open_id: z.string().min(1) }), (body) =>
      batchActiveCardUrl(pageUrl, body.open_id, body.redirect_uri),
    ),
  }
}

function define<T>(section: string, title: string, schema: z.ZodType<T>, url: (body: T) => string): Operation {
  return {
    source: `电子健康卡 ${section}`,
    title,
    request: schema,
    response,
    call: async (body: unknown) => ({ url: url(validate('health-card', schema, body)) }),
  }
}
