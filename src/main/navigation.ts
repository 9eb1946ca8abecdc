/** Where a page may go: nowhere. */
import type { App, Event, WebContents } from 'electron'
import { originOf } from './permissions.ts'

/** Refuses navigation, new windows, webviews, certificates and log-ins for every page that is ever made. */
export function refuseNavigation(app: App, origin: () => string | undefined): void {
  app.on('web-contents-created', (_event, contents) => confine(contents, origin))
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, answer) => {
    event.preventDefault()
    answer(false)
  })
  app.on('select-client-certificate', (event) => event.preventDefault())
  app.on('login', (event) => event.preventDefault())
}

function confine(contents: WebContents, origin: () => string | undefined): void {
  const check = (event: Event, url: string): void => {
    if (origin() === undefined || originOf(url) !== origin()) event.preventDefault()
  }
  contents.on('will-navigate', (event) => check(event, event.url))
  contents.on('will-redirect', (event) => check(event, event.url))
  contents.on('will-frame-navigate', (event) => {
    // The screens have no frames.
    if (!event.isMainFrame) event.preventDefault()
    else check(event, event.url)
  })
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-attach-webview', (event) => event.preventDefault())
}
