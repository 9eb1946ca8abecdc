/** Writes resources/settings.schema.json and docs/settings.md from the schema: `node scripts/write-settings.ts [--check]`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settingsJsonSchema } from '../src/agent/settings.ts'

type Schema = {
  type?: string
  description?: string
  default?: unknown
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  pattern?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  secret?: boolean
}

const root = join(import.meta.dirname, '..')
const schema = settingsJsonSchema() as Schema
const files = {
  'resources/settings.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
  'docs/settings.md': page(schema),
}
let stale = false
for (const [name, text] of Object.entries(files)) {
  const file = join(root, name)
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${name} is not what the schema says: run node scripts/write-settings.ts\n`)
    stale = true
  }
}
process.exitCode = stale ? 1 : 0

function page(whole: Schema): string {
  const rows = rowsOf(whole, '', true)
  return `# 设置 Settings

一个 JSON 文件；除 \`terminal.id\` 外都可以省略，没有配置的平台即为关闭。密钥类（🔑，只有它们）可写成 \`"env:变量名"\` 或 \`"file:路径"\`（相对于设置文件；不能在数据目录里；诊断页上不能新写 \`file:\`）。
设置有误时码桥以 78 退出，每个错误一行。本页由设置的 schema 生成；机器可读的版本：[resources/settings.schema.json](../resources/settings.schema.json)。

| 设置项 | 类型与范围 | 缺省 | 说明 |
|---|---|---|---|
${rows.join('\n')}
`
}

function rowsOf(node: Schema, path: string, required: boolean): string[] {
  const shape = (node.anyOf ?? node.oneOf ?? node.allOf)?.find((candidate) => candidate.properties) ?? node
  if (shape.properties) {
    return Object.entries(shape.properties).flatMap(([name, child]) =>
      rowsOf(child, path === '' ? name : `${path}.${name}`, required && (shape.required ?? []).includes(name)),
    )
  }
  if (shape.type === 'array' && shape.items?.properties) return rowsOf(shape.items, `${path}[]`, false)
  const words = [node.description ?? '', required ? '**必填**' : '', node.secret ? '🔑' : ''].filter(Boolean).join(' ')
  const preset = node.default === undefined ? '' : `\`${cell(JSON.stringify(node.default))}\``
  return [`| \`${path}\` | ${cell(typeOf(node))} | ${preset} | ${cell(words)} |`]
}

function typeOf(node: Schema): string {
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join('、')
  if (node.const !== undefined) return `\`${String(node.const)}\``
  if (node.anyOf ?? node.oneOf) return (node.anyOf ?? node.oneOf ?? []).map(typeOf).join(' 或 ')
  if (node.type === 'array') return `${typeOf(node.items ?? {})} 的列表`
  const range = [
    node.minimum !== undefined && node.minimum > Number.MIN_SAFE_INTEGER ? `≥ ${node.minimum}` : '',
    node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER ? `≤ ${node.maximum}` : '',
    (node.minLength ?? 0) > 1 ? `至少 ${node.minLength} 个字符` : '',
    node.maxLength !== undefined ? `最多 ${node.maxLength} 个字符` : '',
    node.pattern ? `\`${node.pattern}\`` : '',
  ].filter(Boolean)
  const name = { string: '文本', integer: '整数', number: '数', boolean: 'true/false', object: '对象' }[node.type ?? ''] ?? '任意'
  return [name, ...range].join(' ')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
