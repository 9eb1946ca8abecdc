/** Every question that a session can be asked, answered by the table of what the screens need. */
import { EventEmitter } from 'node:events'
import type { Session } from 'electron'
import { describe, expect, it } from 'vitest'
import { hardenSession } from '../../src/main/permissions.ts'

const ORIGIN = 'http://127.0.0.1:9700'

type Handlers = {
  request(contents: null, permission: string, answer: (given: boolean) => void, details: object): void
  check(contents: null, permission: string, origin: string, details: object): boolean
  device(details: object): boolean
  certificate(request: object, answer: (code: number) => void): void
  before(request: { url: string }, answer: (said: { cancel?: boolean }) => void): void
}

function hardened(origin: string | undefined = ORIGIN) {
  const handlers = {} as Handlers
  const events = new EventEmitter()
  const session = Object.assign(events, {
    setPermissionRequestHandler: (handler: Handlers['request']) => void (handlers.request = handler),
    setPermissionCheckHandler: (handler: Handlers['check']) => void (handlers.check = handler),
    setDevicePermissionHandler: (handler: Handlers['device']) => void (handlers.device = handler),
    setDisplayMediaRequestHandler: () => undefined,
    setCertificateVerifyProc: (handler: Handlers['certificate']) => void (handlers.certificate = handler),
    webRequest: { onBeforeRequest: (handler: Handlers['before']) => void (handlers.before = handler) },
  })
  hardenSession(session as unknown as Session, () => origin)
  const request = (permission: string, details: object = {}) => {
    let given: boolean | undefined
    handlers.request(null, permission, (answer) => (given = answer), { requestingUrl: `${ORIGIN}/`, isMainFrame: true, ...details })
    return given
  }
  const lets = (url: string) => {
    let said: { cancel?: boolean } = {}
    handlers.before({ url }, (answer) => (said = answer))
    return said.cancel !== true
  }
  return { handlers, request, lets }
}

describe('a permission', () => {
  it.each([
    ['media', { mediaTypes: ['video'] }, true],
    ['media', { mediaTypes: ['audio'] }, false],
    ['media', { mediaTypes: ['video', 'audio'] }, false],
    ['media', { mediaTypes: [] }, false],
    ['media', {}, false],
    ['media', { mediaTypes: ['video'], isMainFrame: false }, false],
    ['media', { mediaTypes: ['video'], requestingUrl: 'http://127.0.0.1:9701/' }, false],
    ['media', { mediaTypes: ['video'], requestingUrl: 'https://127.0.0.1:9700/' }, false],
    ['media', { mediaTypes: ['video'], requestingUrl: 'not an address' }, false],
    ['clipboard-sanitized-write', {}, true],
    ...['clipboard-read', 'geolocation', 'notifications', 'midi', 'midiSysex', 'pointerLock', 'fullscreen', 'openExternal', 'display-capture']
      .concat(['window-management', 'idle-detection', 'storage-access', 'fileSystem', 'hid', 'serial', 'usb', 'speaker-selection', 'unknown'])
      .map((name) => [name, {}, false] as const),
  ] as const)('%s %o: %s', (permission, details, given) => {
    expect(hardened().request(permission, details)).toBe(given)
  })

  it('is checked by the same table', () => {
    const { handlers } = hardened()
    expect(handlers.check(null, 'media', `${ORIGIN}/`, { mediaType: 'video' })).toBe(true)
    expect(handlers.check(null, 'media', `${ORIGIN}/`, { mediaType: 'audio' })).toBe(false)
    expect(handlers.check(null, 'media', 'http://evil.example/', { mediaType: 'video' })).toBe(false)
    expect(handlers.check(null, 'geolocation', `${ORIGIN}/`, {})).toBe(false)
    expect(handlers.device({})).toBe(false)
  })

  it('is refused to everybody before the terminal has an address', () => {
    const { request, lets } = hardened('')
    expect(request('media', { mediaTypes: ['video'], requestingUrl: '' })).toBe(false)
    expect(lets('http://127.0.0.1:9700/')).toBe(false)
  })
})

describe('a request', () => {
  it.each([
    [`${ORIGIN}/assets/a.js`, true],
    ['ws://127.0.0.1:9700/api/v1/events', true],
    [`blob:${ORIGIN}/1`, true],
    ['data:image/png;base64,AA', true],
    ['http://127.0.0.1:9701/', false],
    ['http://localhost:9700/', false],
    ['https://127.0.0.1:9700/', false],
    ['http://127.0.0.1:9700.evil.example/', false],
    ['http://127.0.0.1:9700@evil.example/', false],
    ['file:///etc/passwd', false],
    ['blob:http://evil.example/1', false],
    ['chrome://settings', false],
  ])('to %s: %s', (url, through) => {
    expect(hardened().lets(url)).toBe(through)
  })

  it('trusts no certificate', () => {
    let code: number | undefined
    hardened().handlers.certificate({}, (answer) => (code = answer))
    expect(code).toBe(-2)
  })
})
