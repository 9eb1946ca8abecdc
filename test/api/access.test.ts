/** How long what lets a caller in is good for. */
import { describe, expect, test } from 'vitest'
import type { AgentError } from '../../src/agent/fault.ts'
import { createAccess, DESK, KIOSK, mayBecomeScreen, QUARTER_MS, SESSION_MS, shareOf, TICKET_MS, type Right } from '../../src/api/access.ts'

const DOOR = 'an-open-session-of-the-door'

function made(port = 9700, mode: 'window' | 'kiosk' = 'window', allowed: { hosts?: string[]; origins?: string[] } = {}) {
  let clock = 1_800_000_000_000
  const access = createAccess({
    clients: [{ name: 'his', token: 'the-first-token-of-it', rights: ['scan', 'result', 'admin'] }],
    sessionKey: Buffer.alloc(32, 1),
    mode,
    isTechnician: (token) => token === DOOR,
    port: () => port,
    allowedHosts: allowed.hosts ?? [],
    allowedOrigins: allowed.origins ?? [],
    maxRequestsPerMinute: 3,
    now: () => clock,
  })
  return { access, wait: (ms: number) => void (clock += ms) }
}

describe('a ticket', () => {
  test('is good for 60 s, once', () => {
    const { access, wait } = made()
    const [used, early, late] = [1, 2, 3].map(() => access.issueTicket(DESK, TICKET_MS)) as [string, string, string]
    expect(access.useTicket(used)).toBe(DESK)
    expect(access.useTicket(used)).toBeUndefined()
    wait(59_999)
    expect(access.useTicket(early)).toBe(DESK)
    wait(1)
    expect(access.useTicket(late)).toBeUndefined()
    // A clock put back does not bring it back: it has been looked at.
    wait(-60_000)
    expect(access.useTicket(late)).toBeUndefined()
  })

  test.each([[['screen'], true], [['scan', 'operations', 'reveal', 'result', 'admin'], true], [['scan', 'result', 'admin'], false], [['scan', 'operations', 'result', 'admin'], false], [['admin'], false], [[], false]] as [Right[], boolean][])('drawn with %j makes a screen: %s', (rights, may) => {
    expect(mayBecomeScreen({ name: 'x', rights: new Set(rights) })).toBe(may)
  })
})

test('a screen’s session ends after 30 days, also for a terminal that was started anew', () => {
  const { access, wait } = made()
  expect(SESSION_MS).toBe(2_592_000_000)
  const { token } = access.issueSession()
  wait(SESSION_MS - 1)
  expect(access.bearer(token)).toBe(DESK)
  wait(1)
  expect(access.bearer(token)).toBeUndefined()
  expect(made().access.bearer(token)).toBe(DESK)
})

describe('a session in the terminal’s own browser', () => {
  test.each(['window', 'kiosk'] as const)('of a %s lasts as long as that browser, and so do tickets that it drew and renewals', (mode) => {
    const { access } = made(9700, mode)
    const of = access.hostedScreen()
    const first = access.issueSession(of).token
    const drawn = access.issueTicket(access.bearer(first)!)
    const renewed = access.issueSession(access.bearer(first)).token
    const unused = access.issueTicket(of)
    const through = access.issueSession(access.useTicket(drawn)).token
    const another = access.issueTicket(access.bearer(through)!)
    expect([first, renewed, through].map((token) => access.bearer(token))).toEqual([of, of, of])
    // No part of it makes it one that was opened by hand.
    const parts = first.split('.')
    for (const part of parts.keys()) expect(access.bearer(parts.filter((_, index) => index !== part).join('.'))).toBeUndefined()
    access.endRun()
    expect([first, renewed, through].map((token) => access.bearer(token))).toEqual([undefined, undefined, undefined])
    expect([unused, another].map((ticket) => access.useTicket(ticket))).toEqual([undefined, undefined])
    expect([access.isOver(of), access.isOver(access.hostedScreen()), access.isOver(DESK)]).toEqual([true, false, false])
    expect(access.bearer(access.issueSession(of).token)).toBeUndefined()
  })

  test('ends within the hour unless its page renews it, whatever the clock of the day says, and with the terminal', () => {
    const { access, wait } = made()
    const { token, expiresInMs } = access.issueSession(access.hostedScreen())
    expect([expiresInMs, QUARTER_MS]).toEqual([45 * 60_000, 15 * 60_000])
    wait(400 * 86_400_000)
    for (let quarter = 0; quarter < 3; quarter++) access.countQuarter()
    const renewed = access.issueSession(access.bearer(token)).token
    access.countQuarter()
    expect([access.bearer(token), access.bearer(renewed)?.name]).toEqual([undefined, 'desk'])
    expect(made().access.bearer(renewed)).toBeUndefined()
  })
})

test('a kiosk’s session is never a desk’s, whatever the terminal has become; a desk’s is a kiosk’s where the terminal is one', () => {
  const [desk, kiosk] = [made(), made(9700, 'kiosk')]
  const ofDesk = desk.access.issueSession().token
  const ofKiosk = kiosk.access.issueSession().token
  expect([desk.access.bearer(ofDesk), desk.access.bearer(ofKiosk)]).toEqual([DESK, KIOSK])
  expect([kiosk.access.bearer(ofDesk), kiosk.access.bearer(ofKiosk)]).toEqual([KIOSK, KIOSK])
  // Renewed, it stays what it was; and its kind is signed.
  const renewed = desk.access.issueSession(desk.access.bearer(ofKiosk)).token
  expect([desk.access.bearer(renewed), desk.access.bearer(ofKiosk.replace('kiosk.', 'screen.'))]).toEqual([KIOSK, undefined])
})

test('a token that was replaced is nobody’s, the new one is', () => {
  const { access } = made()
  access.setToken('his', 'the-second-token-of-it')
  expect([access.bearer('the-first-token-of-it'), access.bearer('the-second-token-of-it')?.name]).toEqual([undefined, 'his'])
})

test('with another token the tickets that the client drew are gone, those of others are not', () => {
  const { access } = made()
  const [ofClient, ofDesk] = [access.bearer('the-first-token-of-it')!, DESK].map((caller) => access.issueTicket(caller)) as [string, string]
  access.setToken('his', 'the-second-token-of-it')
  expect([access.useTicket(ofClient), access.useTicket(ofDesk)]).toEqual([undefined, DESK])
})

test('a token is a client’s, a screen’s, a technician’s, or nobody’s', () => {
  const { access } = made()
  expect(access.bearer('the-first-token-of-it')).toEqual({ name: 'his', rights: new Set(['scan', 'result', 'admin']) })
  const technician = access.bearer(DOOR)
  expect([technician?.name, technician?.session, [...technician!.rights].sort()]).toEqual(['technician', DOOR, ['admin', 'desk', 'operations', 'reveal', 'scan', 'screen', 'technician']])
  const { token } = access.issueSession()
  const [kind, expiresAt, nonce, signature] = token.split('.')
  for (const wrong of ['', '...', `${kind}.${expiresAt}.${nonce}`, `${kind}.${expiresAt}.${nonce}.`, `${kind}..${nonce}.${signature}`, `desk.${expiresAt}.${nonce}.${signature}`, `${kind}.${Number(expiresAt) + 1}.${nonce}.${signature}`, `${kind}.${expiresAt}.x.${signature}`, `${token}x`, token.slice(0, -1)])
    expect([wrong, access.bearer(wrong)]).toEqual([wrong, undefined])
})

test('which screen a session is for is said with it', () => {
  const [desk, kiosk] = [made().access, made(9700, 'kiosk').access]
  expect([desk.screen, kiosk.screen]).toEqual([DESK, KIOSK])
  expect([desk.issueSession(), desk.issueSession(KIOSK), kiosk.issueSession(), kiosk.issueSession(DESK)].map(({ role, expiresInMs }) => [role, expiresInMs])).toEqual(['desk', 'kiosk', 'kiosk', 'kiosk'].map((role) => [role, SESSION_MS]))
})

test('whose share of requests a caller uses: a client’s is never a screen’s, whatever its name', () => {
  expect([DESK, KIOSK, { name: 'desk', rights: new Set<Right>(['scan']) }].map(shareOf)).toEqual(['screen desk', 'screen kiosk', 'client desk'])
})

test('each caller has its own share of a minute', () => {
  const { access, wait } = made()
  for (let count = 0; count < 3; count++) access.countRequest('a')
  expect(() => access.countRequest('a')).toThrow(expect.objectContaining({ code: 'TOO_MANY_REQUESTS' }))
  access.countRequest('b')
  wait(60_000)
  access.countRequest('a')
})

test('at the port that addresses leave out the screens are ours as well, by Host and by Origin', () => {
  const { access } = made(80)
  // A caller that is no page names no origin.
  access.checkOrigin(undefined)
  for (const host of ['127.0.0.1', 'localhost', '127.0.0.1:80']) {
    access.checkHost(host)
    access.checkOrigin(`http://${host}`)
  }
  for (const host of ['evil.example', 'evil.example:80', '', undefined]) expect(() => access.checkHost(host)).toThrow(expect.objectContaining({ code: 'FORBIDDEN_HOST' }))
  for (const origin of ['http://evil.example', 'http://evil.example:80']) expect(() => access.checkOrigin(origin)).toThrow(expect.objectContaining({ code: 'FORBIDDEN_ORIGIN' }))
  expect(() => access.checkOrigin('https://127.0.0.1')).toThrow(expect.objectContaining({ code: 'FORBIDDEN_ORIGIN' }))
  expect(() => made().access.checkOrigin('http://127.0.0.1')).toThrow(expect.objectContaining({ code: 'FORBIDDEN_ORIGIN' }))
})

describe('a host', () => {
  const adviceFor = (host: string | undefined, hosts: string[] = []) => {
    try {
      made(9700, 'window', { hosts }).access.checkHost(host)
      return 'ours'
    } catch (error) {
      return (error as AgentError).fault.advice
    }
  }

  test('that is right but for its port is told the port', () => {
    for (const host of ['127.0.0.1:9701', 'localhost:8080', '[::1]:1', '127.0.0.1', 'LOCALHOST']) expect([host, adviceFor(host)]).toEqual([host, expect.stringContaining('本终端在 9700 端口')])
    expect(adviceFor('t1.lan:9701', ['t1.lan'])).toContain('9700')
    for (const host of ['evil.example:9701', 'evil.example', '127.0.0.1.evil.example:9700', '', undefined]) expect([host, adviceFor(host)]).toEqual([host, expect.not.stringContaining('9700')])
  })

  test('may be listed with a port of its own, and is ours at that port alone', () => {
    const hosts = ['T1.lan:8080', 't2.lan', '[fd00::5]:8080']
    for (const host of ['t1.lan:8080', 'T1.LAN:8080', 't2.lan:9700', '[fd00::5]:8080', '127.0.0.1:9700']) expect([host, adviceFor(host, hosts)]).toEqual([host, 'ours'])
    for (const host of ['t1.lan:9700', 't1.lan', 't2.lan:8080', '[fd00::5]:9700', '[fd00::5]']) expect([host, adviceFor(host, hosts)]).not.toEqual([host, 'ours'])
    const { access } = made(9700, 'window', { hosts })
    access.checkOrigin('http://t1.lan:8080')
    expect(() => access.checkOrigin('http://t1.lan:9700')).toThrow(expect.objectContaining({ code: 'FORBIDDEN_ORIGIN' }))
  })
})

test('pages from disk call where `null` is listed, and there alone', () => {
  const listed = made(9700, 'window', { origins: ['null'] }).access
  for (const origin of ['null', 'file://']) {
    listed.checkOrigin(origin)
    expect(() => made().access.checkOrigin(origin)).toThrow(expect.objectContaining({ code: 'FORBIDDEN_ORIGIN' }))
  }
  for (const origin of ['https://evil.example', 'file:///', 'chrome-extension://abc', 'NULL', '']) expect(() => listed.checkOrigin(origin)).toThrow(expect.objectContaining({ code: 'FORBIDDEN_ORIGIN' }))
})
