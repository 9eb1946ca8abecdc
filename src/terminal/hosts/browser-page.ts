/** The one page of a browser that shows the screens: opened with a ticket, confined, brought back when it dies or hangs. */
import type { Devtools, DevtoolsEvent } from './devtools-pipe.ts'

export type PageOptions = {
  /** A fresh address each time: a ticket works once. */
  url(): string
  log(event: string, fields?: Record<string, string | number | boolean>): void
  /** How often the page is asked whether it lives, ms. */
  everyMs: number
  /** Silence after which it counts as hung, ms. */
  silentMs: number
}

export type BrowserPage = {
  /** Shows the screens; rejects where the browser does not take part. */
  open(): Promise<void>
  hear(event: DevtoolsEvent): void
  stop(): void
}

type Target = { targetId: string; type: string; url: string }

const LOOK_MS = 100
const OPEN_LIMIT_MS = 15_000

/** @param lost called when the page cannot be brought back: the browser must be started anew */
export function createBrowserPage(devtools: Devtools, options: PageOptions, lost: () => void): BrowserPage {
  let ours: string | undefined
  let sessionId: string | undefined
  let origin = ''
  let beat: NodeJS.Timeout | undefined
  let stopped = false

  async function show(): Promise<void> {
    const address = options.url()
    origin = new URL(address).origin
    // The ticket goes through the pipe: a command line can be read by every user of the machine.
    await devtools.send('Page.navigate', { url: address }, { ...(sessionId && { sessionId }) })
  }
  async function showAgain(): Promise<void> {
    try {
      await show()
    } catch {
      if (!stopped) lost()
    }
  }
  async function check(): Promise<void> {
    try {
      await devtools.send('Runtime.evaluate', { expression: '1' }, { ...(sessionId && { sessionId }), limitMs: options.silentMs })
    } catch {
      if (stopped) return
      options.log('browser.page-hung')
      // A page that stands still cannot be navigated away either.
      return lost()
    }
    if (!stopped) beat = setTimeout(() => void check(), options.everyMs)
  }
  async function firstPage(): Promise<Target> {
    for (const until = Date.now() + OPEN_LIMIT_MS; Date.now() < until; await pause(LOOK_MS)) {
      const { targetInfos } = (await devtools.send('Target.getTargets')) as { targetInfos: Target[] }
      const page = targetInfos.find(({ type }) => type === 'page')
      if (page) return page
    }
    throw new Error('the browser has no page')
  }

  return {
    async open() {
      const { targetId } = await firstPage()
      ours = targetId
      sessionId = (await devtools.send('Target.attachToTarget', { targetId, flatten: true }))['sessionId'] as string
      const address = options.url()
      origin = new URL(address).origin
      // What is not named here is refused without asking.
      await devtools.send('Browser.grantPermissions', { origin, permissions: ['videoCapture', 'clipboardSanitizedWrite'] })
      await devtools.send('Target.setDiscoverTargets', { discover: true })
      await devtools.send('Page.navigate', { url: address }, { sessionId })
      beat = setTimeout(() => void check(), options.everyMs)
    },
    hear({ method, params }) {
      if (stopped || ours === undefined) return
      if (method === 'Target.targetCrashed' && params['targetId'] === ours) {
        options.log('browser.page-gone')
        clearTimeout(beat)
        return lost()
      }
      const target = params['targetInfo'] as Partial<Target> | null | undefined
      if (target?.type !== 'page' || typeof target.url !== 'string' || typeof target.targetId !== 'string') return
      if (target.targetId !== ours) {
        if (method === 'Target.targetCreated') devtools.send('Target.closeTarget', { targetId: target.targetId }).catch(() => undefined)
        return
      }
      const elsewhere = target.url !== '' && target.url !== 'about:blank' && originOf(target.url) !== origin
      if (method === 'Target.targetInfoChanged' && elsewhere && !target.url.startsWith('chrome-error:')) {
        options.log('browser.navigation-refused')
        void showAgain()
      }
    },
    stop() {
      stopped = true
      clearTimeout(beat)
    },
  }
}

/** Undefined for what is no address: a browser that is broken may say anything. */
function originOf(url: unknown): string | undefined {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : undefined
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
