/** Pages of the open platform that a browser is sent to; each comes back to `redirectUri` with its code. */

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
  const url = new URL(`${pageUrl.replace(/\/+$/, '')}/open/${name}`)
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
  return url.href
}
