/** How a screen gets in: a ticket from its address, once, for a token that is kept in this page's memory alone. */

/** In the tab's storage from the end of a page to the start of the next: good once, within 30 s. */
const RELOAD_KEY = 'maqiao.reload'
/** The page that ends registers its ticket while the next one starts already. */
const RELOAD_TRIES = 5
const RELOAD_TRY_MS = 200

let token: string | null = null
/** Tickets that no terminal has answered yet: good for another try. */
let unused: { ticket: string; tries: number }[] = []
let listening = false

/** The token to work with, or null where there is neither a good ticket nor a token from before. Rejects where no terminal answers. */
export async function openSession(): Promise<string | null> {
  if (!listening) window.addEventListener('pagehide', leaveReloadTicket)
  listening = true
  unused.push(...takeTickets())
  for (let next = unused[0]; next !== undefined; next = unused[0]) {
    const reply = await fetch(new URL('api/v1/session', baseUrl()), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ticket: next.ticket }),
    })
    if (reply.ok) {
      unused = []
      token = ((await reply.json()) as { token: string }).token
    } else if (--next.tries > 0) await new Promise((resolve) => setTimeout(resolve, RELOAD_TRY_MS))
    else unused.shift()
  }
  return token
}

export function keepSession(renewed: string): void {
  token = renewed
}

/** Forgets the token; the next start asks for a new address. */
export function closeSession(): void {
  token = null
}

/** The origin that served this page, with a slash. */
export function baseUrl(): string {
  return `${window.location.origin}/`
}

function takeTickets(): typeof unused {
  const address = new URL(window.location.href)
  const ofAddress = address.searchParams.get('ticket')
  // A ticket in the address bar would end up in history and in screenshots.
  address.searchParams.delete('ticket')
  if (ofAddress !== null) window.history.replaceState(null, '', address)
  const ofReload = sessionStorage.getItem(RELOAD_KEY)
  sessionStorage.removeItem(RELOAD_KEY)
  return [...(ofAddress === null ? [] : [{ ticket: ofAddress, tries: 1 }]), ...(ofReload === null ? [] : [{ ticket: ofReload, tries: RELOAD_TRIES }])]
}

/** What is in the tab's storage gets onto the disk: so a ticket that is soon worthless, and never the token. */
function leaveReloadTicket(): void {
  if (token === null) return
  const ticket = Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, '0')).join('')
  sessionStorage.setItem(RELOAD_KEY, ticket)
  void fetch(new URL('api/v1/session/reload', baseUrl()), {
    method: 'POST',
    keepalive: true,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ticket }),
  }).catch(() => undefined)
}
