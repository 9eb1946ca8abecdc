/** How a screen gets in: a ticket from its address, once, for a token kept as long as the tab lives. */
const KEY = 'maqiao.token'

/** A ticket that no terminal has taken yet: it is good for another try. */
let unused: string | null = null

/** The token to work with, or null where there is neither a good ticket nor a token from before. */
export async function openSession(): Promise<string | null> {
  const address = new URL(window.location.href)
  const ticket = address.searchParams.get('ticket') ?? unused
  if (ticket === null) return sessionStorage.getItem(KEY)
  // A ticket in the address bar would end up in history and in screenshots.
  address.searchParams.delete('ticket')
  window.history.replaceState(null, '', address)
  unused = ticket
  const reply = await fetch(new URL('api/v1/session', baseUrl()), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket }),
  })
  unused = null
  if (!reply.ok) return sessionStorage.getItem(KEY)
  const { token } = (await reply.json()) as { token: string }
  keepSession(token)
  return token
}

export function keepSession(token: string): void {
  sessionStorage.setItem(KEY, token)
}

/** Forgets the token; the next start asks for a new address. */
export function closeSession(): void {
  sessionStorage.removeItem(KEY)
}

/** The origin that served this page, with a slash. */
export function baseUrl(): string {
  return `${window.location.origin}/`
}
