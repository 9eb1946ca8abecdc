/** The tokens as the browser has them. */
export type Token = { name: string; value: string }

/** Custom properties of every rule for `selector`, in their order. */
export function readTokens(selector: string): Token[] {
  const tokens = new Map<string, string>()
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSStyleRule) || rule.selectorText !== selector) continue
      for (const name of rule.style) if (name.startsWith('--')) tokens.set(name, rule.style.getPropertyValue(name).trim())
    }
  }
  return [...tokens].map(([name, value]) => ({ name, value }))
}

/** What a token is for, by what it holds. */
export function groupOf({ name, value }: Token): 'colour' | 'type' | 'space' | 'radius' | 'shadow' | 'motion' | 'other' {
  if (/^--text-/.test(name)) return 'type'
  if (/^--s\d$/.test(name)) return 'space'
  if (/^--radius/.test(name)) return 'radius'
  if (/^--shadow/.test(name)) return 'shadow'
  if (/^--(quick|calm|ease)$/.test(name)) return 'motion'
  return /^(#|rgb|var\(--)/.test(value) ? 'colour' : 'other'
}
