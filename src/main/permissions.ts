/** What a page may ask of the system: the camera, writing to the clipboard, and nothing else. */
import type { Session } from 'electron'

/**
 * Refuses everything in a session but what the screens of `origin` need:
 * permissions, devices, downloads, addresses elsewhere, certificates.
 */
export function hardenSession(session: Session, origin: () => string | undefined): void {
  const isOurs = (url: string | undefined): boolean => url !== undefined && originOf(url) !== undefined && originOf(url) === origin()

  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    if (!isOurs(details.requestingUrl) || !details.isMainFrame) return answer(false)
    if (permission === 'media') return answer(isCameraAlone(details))
    // The desk copies field by field; reading the clipboard stays refused.
    answer(permission === 'clipboard-sanitized-write')
  })
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, details) => {
    if (!isOurs(requestingOrigin)) return false
    return permission === 'media' ? details.mediaType === 'video' : permission === 'clipboard-sanitized-write'
  })
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler(null)
  session.setCertificateVerifyProc((_request, answer) => answer(-2))
  session.on('will-download', (event, item) => {
    if (!isSupportFile(item.getURL(), item.getFilename(), isOurs)) event.preventDefault()
  })
  // The screens live on loopback: whatever asks for another address is not one of them.
  session.webRequest.onBeforeRequest((request, answer) => answer({ cancel: !isAllowed(request.url, isOurs) }))
}

function isCameraAlone(details: object): boolean {
  const types = (details as { mediaTypes?: readonly string[] }).mediaTypes
  return types !== undefined && types.length === 1 && types[0] === 'video'
}

/** The technician's support package, exported settings and sealed reports, which the screens hand over themselves. */
function isSupportFile(url: string, name: string, isOurs: (url: string) => boolean): boolean {
  return isOurs(url.replace(/^blob:/, '')) && /^maqiao-[\w.-]+\.(zip|json|bin)$/.test(name)
}

function isAllowed(url: string, isOurs: (url: string) => boolean): boolean {
  if (url.startsWith('data:') || url.startsWith('devtools:')) return true
  return isOurs(url.replace(/^blob:/, '').replace(/^ws:/, 'http:'))
}

/** The origin of an address; undefined where it is none. */
export function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined
}
