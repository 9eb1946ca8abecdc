/** What axe says of a page. */
import axe from 'axe-core'
import type { Page } from 'playwright-core'

export const AXE_SOURCE = axe.source

/** Of axe itself; `large` alone is the screens' own. */
const CONTRAST = { ignoreUnicode: true, ignoreLength: false, ignorePseudo: false, boldValue: 700, boldTextPt: 14, largeTextPt: 18, pseudoSizeThreshold: 0.25, shadowOutlineEmMax: 0.2, textStrokeEmMin: 0.03 }

type Asked = {
  /** Where the page's origin serves axe, which is then compiled once for all of its pages. */
  url?: string
  /** Least contrast of large text; axe is content with 3. */
  largeContrast?: number
  without?: readonly string[]
}

/** The rules that the page breaks with impact `serious` or `critical`, each with the elements that do. */
export async function seriousFaults(page: Page, { url, largeContrast = 3, without = [] }: Asked = {}): Promise<string[]> {
  if (url) await page.addScriptTag({ url })
  else await page.evaluate(AXE_SOURCE)
  const violations = await page.evaluate(async ({ options, without }) => {
    const { axe: inPage } = window as unknown as { axe: typeof axe }
    inPage.configure({ checks: [{ id: 'color-contrast', options }] })
    const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]))
    return (await inPage.run(document, { resultTypes: ['violations'], rules })).violations
  }, { options: { ...CONTRAST, contrastRatio: { normal: { expected: 4.5 }, large: { expected: largeContrast } } }, without })
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).join(' | ')}`)
}
