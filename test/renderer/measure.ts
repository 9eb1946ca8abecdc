/** What a test measures of a page: what sticks out, what is too small to touch, which fonts drew it. */
import type { CDPSession, Page } from 'playwright-core'

/** Visible elements that leave the window, and boxes whose text is cut off without an ellipsis. */
export function outOfBounds(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const { clientWidth, clientHeight, scrollWidth, scrollHeight } = document.documentElement
    if (scrollWidth > clientWidth || scrollHeight > clientHeight) found.push(`page ${scrollWidth}×${scrollHeight}`)
    const name = (element: Element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} ${element.textContent?.trim().slice(0, 20)}`
    for (const element of document.querySelectorAll('body *')) {
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || element.closest('.sr-only, svg')) continue
      const box = element.getBoundingClientRect()
      if (box.width === 0 || box.height === 0) continue
      const scrolled = element.parentElement?.closest('.recent-items, .tray-list, .switch-list, .choose-sheet:has([data-many]), .strip-text, .modal-box, .diag-scroll')
      const { left, right, top, bottom } = box
      if (left < -1 || right > clientWidth + 1 || (!scrolled && (top < -1 || bottom > clientHeight + 1))) found.push(`outside: ${name(element)}`)
      const style = getComputedStyle(element)
      const scrolls = style.overflowY === 'auto' || style.overflowX === 'auto'
      if (scrolls && element.scrollWidth > element.clientWidth + 1) found.push(`scrolls sideways: ${name(element)}`)
      const clips = style.overflowX === 'hidden' && style.textOverflow !== 'ellipsis' && style.webkitLineClamp === 'none'
      if (clips && element !== document.body && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 2)) {
        found.push(`cut: ${name(element)}`)
      }
      // Names, numbers and headlines are never shortened.
      const whole = element.matches('[data-testid=headline], [data-testid=field-name], [data-testid=field-idNumber], [data-testid=field-phone]')
      if (whole && element.scrollWidth > element.clientWidth + 1) found.push(`shortened: ${name(element)}`)
      const plain = element.children.length === 0 && element.textContent?.trim() && style.overflowX === 'visible'
      if (plain && style.display !== 'inline' && element.scrollWidth > element.clientWidth + 2) found.push(`spills: ${name(element)}`)
    }
    return found
  })
}

/** Buttons and fields that are narrower or lower than `least`, px. */
export function smallTargets(page: Page, least: number): Promise<string[]> {
  return page.evaluate((least) => {
    const found: string[] = []
    for (const element of document.querySelectorAll('button, a, [role=button]')) {
      const { width, height } = element.getBoundingClientRect()
      if (width === 0 && height === 0) continue
      if (width < least - 0.5 || height < least - 0.5) found.push(`${element.textContent?.trim()} ${width}×${height}`)
    }
    return found
  }, least)
}

type Node = Awaited<ReturnType<typeof getDocument>>['root']
const getDocument = (session: CDPSession) => session.send('DOM.getDocument', { depth: -1 })

/** Families that drew any text of the page; a fallback means that a glyph was missing. */
export async function fontsOf(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  await session.send('DOM.enable')
  await session.send('CSS.enable')
  const { root } = await getDocument(session)
  const answers = await Promise.all(drawers(root).map(({ nodeId }) => session.send('CSS.getPlatformFontsForNode', { nodeId })))
  await session.detach()
  const families = answers.flatMap(({ fonts }) => fonts.map(({ familyName, isCustomFont }) => (isCustomFont ? familyName : `system: ${familyName}`)))
  return [...new Set(families)].sort()
}

/** The elements that draw text of their own, `::before` and `::after` included; fields hold theirs in a shadow tree. */
function drawers(node: Node): Node[] {
  const children = [...(node.children ?? []), ...(node.pseudoElements ?? []), ...(node.shadowRoots ?? [])]
  const draws = node.pseudoElements || node.shadowRoots || node.children?.some(({ nodeType, nodeValue }) => nodeType === 3 && nodeValue.trim() !== '')
  return [...(draws && node.nodeType === 1 ? [node] : []), ...children.flatMap(drawers)]
}
