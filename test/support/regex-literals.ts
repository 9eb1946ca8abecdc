/** Every regular expression that stands in a source file, found by the compiler's own parser. */
import ts from 'typescript'

export type RegexLiteral = { place: string; source: string; flags: string }

export function regexLiteralsIn(file: string, text: string): RegexLiteral[] {
  const scripts = file.endsWith('.vue') ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((found) => found[1] ?? '') : [text]
  return scripts.flatMap((script) => {
    const parsed = ts.createSourceFile(file, script, ts.ScriptTarget.Latest, true)
    const found: RegexLiteral[] = []
    const walk = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const at = node.text.lastIndexOf('/')
        const { line } = parsed.getLineAndCharacterOfPosition(node.getStart())
        found.push({ place: `${file}:${line + 1}`, source: node.text.slice(1, at), flags: node.text.slice(at + 1) })
      }
      ts.forEachChild(node, walk)
    }
    walk(parsed)
    return found
  })
}
