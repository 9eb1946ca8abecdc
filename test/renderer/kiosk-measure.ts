/** What a test measures of the kiosk beside the desk's measures: what covers what, what is too small to read or touch. */
import type { Page } from 'playwright-core'

/** What leaves its place under the arch or lies over a neighbour, and buttons that something else covers. */
export function collisions(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const name = (element: Element) => `${element.getAttribute('class') ?? element.tagName} ${element.textContent?.trim().slice(0, 16)}`
    const overlay = document.querySelector('.call-sign, .pin-pad')
    for (const body of overlay ? [] : document.querySelectorAll('.sheet-body')) {
      const place = body.getBoundingClientRect()
      for (const child of body.children) {
        const { top, bottom, left, right, height } = child.getBoundingClientRect()
        if (height === 0) continue
        if (top < place.top - 1 || bottom > place.bottom + 1) found.push(`leaves the sheet by ${Math.round(Math.max(place.top - top, bottom - place.bottom))}: ${name(child)}`)
        if (left < place.left - 1 || right > place.right + 1) found.push(`wider than the sheet: ${name(child)}`)
      }
    }
    const deck = overlay ? null : document.querySelector('.deck')
    const sheet = document.querySelector('.sheet')
    for (const line of deck?.querySelectorAll('h1, p') ?? []) {
      const { bottom, right } = line.getBoundingClientRect()
      const edge = sheet!.getBoundingClientRect()
      const lying = edge.left > 0
      if (lying ? right > edge.left + 1 : bottom > edge.top + 1) found.push(`under the sheet: ${name(line)}`)
      if (bottom > innerHeight) found.push(`off the glass: ${name(line)}`)
    }
    for (const button of document.querySelectorAll('button')) {
      if (button.closest('[inert]')) continue
      const { left, right, top, bottom } = button.getBoundingClientRect()
      for (const [x, y] of [[(left + right) / 2, (top + bottom) / 2], [left + 14, (top + bottom) / 2], [(left + right) / 2, bottom - 6], [(left + right) / 2, top + 6]] as const) {
        const hit = document.elementFromPoint(x, y)
        if (!hit || !button.contains(hit)) found.push(`covered: ${name(button)}`)
      }
    }
    return [...new Set(found)]
  })
}

/** Lines of text smaller than `least` px on the glass or set tighter than `leading`; drawings count by their scale. */
export function smallText(page: Page, least: number, leading: number): Promise<string[]> {
  return page.evaluate(
    ({ least, leading }) => {
      const found: string[] = []
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement
        const text = node.textContent?.trim()
        if (!element || !text || !element.checkVisibility({ visibilityProperty: true }) || element.closest('script, style, .sr-only')) continue
        const style = getComputedStyle(element)
        const drawn = element instanceof SVGTextElement ? (element.getScreenCTM()?.a ?? 1) : 1
        const size = parseFloat(style.fontSize) * drawn
        // A single character that is an app's sign is a picture.
        if (element.closest('.app-sign')) continue
        if (size < least - 0.05) found.push(`${size.toFixed(1)} px: ${text.slice(0, 16)}`)
        const line = parseFloat(style.lineHeight) / parseFloat(style.fontSize)
        if (!(element instanceof SVGTextElement) && line < leading - 0.001) found.push(`leading ${line.toFixed(2)}: ${text.slice(0, 16)}`)
      }
      return [...new Set(found)]
    },
    { least, leading },
  )
}
