/** Small changes to a source file, each of which its tests should notice. */
import ts from 'typescript'

export type Mutant = { file: string; line: number; from: number; to: number; before: string; after: string }

const OPERATORS: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
  [ts.SyntaxKind.QuestionQuestionToken]: '&&',
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
  [ts.SyntaxKind.AsteriskToken]: '/',
}

/** What is changed in a statement of SQL. */
const SQL: readonly (readonly [RegExp, string])[] = [
  [/ORDER BY (\w+(?:, )?)+/g, ''], [/ DESC\b/g, ' ASC'], [/ <= /g, ' < '], [/ < /g, ' <= '], [/ > /g, ' >= '], [/ AND [^)'`]*?(?= (AND|ORDER|LIMIT)|[)'`]|$)/g, ''],
  [/synchronous = FULL/g, 'synchronous = OFF'], [/secure_delete = ON/g, 'secure_delete = OFF'], [/NULL ELSE request/g, 'request ELSE request'],
]

/** Every mutant of a file's text, in its order. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: Mutant[] = []
  const add = (node: { getStart(): number; getEnd(): number }, after: string, from = node.getStart(), to = node.getEnd()) =>
    found.push({ file, line: source.getLineAndCharacterOfPosition(from).line + 1, from, to, before: text.slice(from, to), after })

  function visit(node: ts.Node): void {
    if (ts.isTypeNode(node) || ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node)) return
    if (ts.isBinaryExpression(node)) {
      const other = OPERATORS[node.operatorToken.kind]
      const isText = ts.isStringLiteralLike(node.left) || ts.isStringLiteralLike(node.right) || ts.isTemplateExpression(node.right)
      if (other !== undefined && !(isText && /[+-]/.test(other))) add(node.operatorToken, other)
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) add(node, node.operand.getText())
    if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false')
    if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true')
    // A longer wait or a larger limit is another choice, not a fault.
    if (ts.isNumericLiteral(node) && Number(node.text.replaceAll('_', '')) < 100) add(node, `(${node.getText()} + 1)`)
    if (ts.isIfStatement(node)) add(node.expression, 'false')
    if (ts.isConditionalExpression(node)) add(node.condition, `!(${node.condition.getText()})`)
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) add(node, ';')
    if (ts.isPostfixUnaryExpression(node)) add(node, node.operand.getText())
    if (ts.isStringLiteralLike(node) || node.kind === ts.SyntaxKind.TemplateHead || node.kind === ts.SyntaxKind.TemplateTail) {
      const words = node.getText()
      if (/SELECT|UPDATE|INSERT|DELETE|PRAGMA/.test(words)) {
        for (const [pattern, after] of SQL) for (const match of words.matchAll(pattern)) {
          const from = node.getStart() + match.index
          add(node, after, from, from + match[0].length)
        }
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
