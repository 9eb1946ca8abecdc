/** Electron's `session`: one Chromium context each, which asks the shell's handlers. */
import { EventEmitter } from 'node:events'
import type { BrowserContext, CDPSession, Page, Route } from 'playwright-core'
import { app } from './app.ts'
import { chromium } from './chromium-process.ts'

type Answer<T> = (value: T) => void
type RequestHandler = (contents: unknown, permission: string, answer: Answer<boolean>, details: object) => void
type CheckHandler = (contents: unknown, permission: string, origin: string, details: object) => boolean
type BeforeRequest = (request: { url: string }, answer: Answer<{ cancel?: boolean }>) => void

/** Chromium's permissions, as Electron's handlers name them. */
const PERMISSIONS = [
  { name: 'camera', permission: 'media', details: { mediaTypes: ['video'], mediaType: 'video' } },
  { name: 'microphone', permission: 'media', details: { mediaTypes: ['audio'], mediaType: 'audio' } },
  { name: 'geolocation', permission: 'geolocation', details: {} },
  { name: 'notifications', permission: 'notifications', details: {} },
  { name: 'midi', permission: 'midi', details: {} },
  { name: 'clipboard-read', permission: 'clipboard-read', details: {} },
  { name: 'clipboard-write', permission: 'clipboard-sanitized-write', details: {} },
  { name: 'persistent-storage', permission: 'persistent-storage', details: {} },
] as const

export type PageOwner = { judge(route: Route): Promise<void>; deniesWindow(url: string): boolean }

export class Session extends EventEmitter {
  readonly partition: string
  readonly pages = new Map<Page, PageOwner>()
  proxy: object | undefined
  certificateVerifyProc: ((request: object, answer: Answer<number>) => void) | undefined
  devicePermissionHandler: ((details: object) => boolean) | undefined
  displayMediaRequestHandler: unknown
  readonly webRequest = { onBeforeRequest: (handler: BeforeRequest) => void (this.#beforeRequest = handler) }
  #request: RequestHandler | undefined
  #check: CheckHandler | undefined
  #beforeRequest: BeforeRequest | undefined
  #context: Promise<BrowserContext> | undefined

  constructor(partition: string) {
    super()
    this.partition = partition
  }
  setPermissionRequestHandler(handler: RequestHandler) {
    this.#request = handler
  }
  setPermissionCheckHandler(handler: CheckHandler) {
    this.#check = handler
  }
  setDevicePermissionHandler(handler: (details: object) => boolean) {
    this.devicePermissionHandler = handler
  }
  setDisplayMediaRequestHandler(handler: unknown) {
    this.displayMediaRequestHandler = handler
  }
  setCertificateVerifyProc(handler: (request: object, answer: Answer<number>) => void) {
    this.certificateVerifyProc = handler
  }
  async setProxy(proxy: object) {
    this.proxy = proxy
  }

  context(): Promise<BrowserContext> {
    return (this.#context ??= this.#open())
  }
  async #open(): Promise<BrowserContext> {
    const context = await (await chromium()).newContext({ viewport: null })
    await context.route('**/*', (route) => {
      const owner = this.pages.get(pageOf(route) as Page)
      // A page that nobody made is one that a page opened: Electron asks before it exists.
      if (owner !== undefined) return owner.judge(route)
      return [...this.pages.values()].some((each) => each.deniesWindow(route.request().url())) ? route.abort('aborted') : route.continue()
    })
    return context
  }
  /** Whether the shell lets a request through. */
  isLetThrough(url: string): Promise<boolean> {
    const before = this.#beforeRequest
    if (before === undefined) return Promise.resolve(true)
    return new Promise((resolve) => before({ url }, ({ cancel }) => resolve(cancel !== true)))
  }
  /** Asks both handlers about everything for a page, and tells Chromium; without handlers Electron grants. */
  async settlePermissions(contents: unknown, url: string, cdp: CDPSession): Promise<void> {
    const { origin } = new URL(url)
    const { targetInfo } = await cdp.send('Target.getTargetInfo')
    const { browserContextId } = targetInfo
    for (const { name, permission, details } of PERMISSIONS) {
      const asked = await this.#asked(contents, permission, { ...details, requestingUrl: url, isMainFrame: true })
      const checked = this.#check?.(contents, permission, `${origin}/`, { ...details, requestingUrl: url, isMainFrame: true }) ?? true
      await cdp.send('Browser.setPermission', { permission: { name }, setting: asked && checked ? 'granted' : 'denied', origin, ...(browserContextId && { browserContextId }) })
    }
  }
  #asked(contents: unknown, permission: string, details: object): Promise<boolean> {
    const request = this.#request
    if (request === undefined) return Promise.resolve(true)
    return new Promise((resolve) => request(contents, permission, resolve, details))
  }
}

const sessions = new Map<string, Session>()

function fromPartition(partition: string): Session {
  let found = sessions.get(partition)
  if (found === undefined) {
    found = new Session(partition)
    sessions.set(partition, found)
    app.emit('session-created', found)
  }
  return found
}

export const session = {
  fromPartition,
  get defaultSession(): Session {
    return fromPartition('')
  },
}

/** Undefined where the request belongs to a page that is only being opened. */
function pageOf(route: Route): Page | undefined {
  try {
    return route.request().frame().page()
  } catch {
    return undefined
  }
}
