/** Who imports whom, read off the sources. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import ts from 'typescript'

const root = join(import.meta.dirname, '../..')

/** One import: `from` and, for one of our own, `to` are paths below the project's root. */
export type Import = {
  readonly from: string
  /** What the source says, such as `../devices/scan.ts` or `serialport`. */
  readonly specifier: string
  /** Our own file that it names; undefined for a package. */
  readonly to: string | undefined
  readonly kind: 'value' | 'type' | 'dynamic'
}

/** Every file below `directory` whose name ends in one of `endings`, as paths below the project's root. */
export function filesBelow(directory: string, endings: readonly string[]): string[] {
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
}

/** The text of a file, by its path below the project's root. */
export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** All imports of one file: static, dynamic, re-exports and types; of a Vue file, its scripts'. */
export function importsOf(file: string, text = textOf(file)): Import[] {
  const found: Import[] = []
  const add = (specifier: string, kind: Import['kind']): void => {
    const path = specifier.replace(/\?.*$/, '')
    const to = path.startsWith('.') ? posix.join(posix.dirname(file), path) : undefined
    found.push({ from: file, specifier, to, kind })
  }
  const source = ts.createSourceFile(file, file.endsWith('.vue') ? scriptsOf(text) : text, ts.ScriptTarget.Latest)
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(textIn(node.moduleSpecifier), isTypeOnly(node.importClause) ? 'type' : 'value')
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(textIn(node.moduleSpecifier), node.isTypeOnly ? 'type' : 'value')
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(textIn(node.argument.literal), 'type')
    else if (ts.isCallExpression(node)) {
      const [argument] = node.arguments
      const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require'
      if ((isImport || isRequire) && argument && ts.isStringLiteralLike(argument)) add(argument.text, isRequire ? 'value' : 'dynamic')
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function textIn(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : ''
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const names = clause.namedBindings
  return clause.name === undefined && names !== undefined && ts.isNamedImports(names) && names.elements.length > 0 && names.elements.every((e) => e.isTypeOnly)
}

function scriptsOf(vue: string): string {
  return [...vue.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n')
}
