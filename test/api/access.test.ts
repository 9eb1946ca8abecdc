/** How long what lets a caller in is good for. */
import { describe, expect, test } from 'vitest'
import { createAccess, DESK, KIOSK, mayBecomeScreen, SESSION_MS, TICKET_MS, type Right } from '../../src/api/access.ts'

function made(port = 9700, mode: 'window' | 'kiosk' = 'window') {
  let clock = 1_800_000_000_000
  const access = createAccess({
    clients: [{ name: 'his', token: 'the-first-token-of-it', rights: ['scan', 'result', 'admin'] }],
    sessionKey: Buffer.alloc(32, 1),
    mode,
    isTechnician: () => false,
    port: () => port,
    allowedHosts: [],
    allowedOrigins: [],
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
  const { token } = access.issueSession()
  wait(SESSION_MS - 1)
  expect(access.bearer(token)).toBe(DESK)
  wait(1)
  expect(access.bearer(token)).toBeUndefined()
  expect(made().access.bearer(token)).toBe(DESK)
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
  for (const host of ['127.0.0.1', 'localhost', '127.0.0.1:80']) {
    access.checkHost(host)
    access.checkOrigin(`http://${host}`)
  }
  expect(() => access.checkOrigin('https://127.0.0.1')).toThrow(expect.objectContaining({ code: 'FORBIDDEN_ORIGIN' }))
  expect(() => made().access.checkOrigin('http://127.0.0.1')).toThrow(expect.objectContaining({ code: 'FORBIDDEN_ORIGIN' }))
})
