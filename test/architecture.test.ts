/** The rooms and the arrows between them: who may import whom, types included. */
import { describe, expect, it } from 'vitest'
import { filesBelow, importsOf, textOf, type Import } from './support/imports.ts'

/** Each room and what it may import of ours besides itself; a prefix of a path below src, or one file. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  devices: [],
  outbox: [],
  transcode: ['devices/scan.ts'],
  agent: ['devices', 'transcode', 'outbox'],
  // The states and codes of the two ports, which its schemas and errors list.
  api: ['agent', 'transcode', 'devices/scan.ts', 'devices/scanner.ts', 'outbox/outbox.ts'],
  // Primitives only: it canonicalises and checks signatures with code of its own.
  simulator: ['transcode/crypto', 'transcode/codes'],
  // The composition for plain Node: the demo's scanner, the key of the installation, the decoder of pictures, what an acceptance sends.
  terminal: ['agent', 'api', 'simulator', 'devices', 'outbox', 'transcode/outcome.ts', 'transcode/recognise.ts', 'transcode/choose-code.ts', 'transcode/platforms/http.ts'],
  main: ['terminal', 'agent', 'api', 'preload'],
  preload: [],
  renderer: ['devices/scan.ts', 'devices/scanner.ts', 'devices/camera', 'devices/keyboard'],
}

/** What a room may import of another for its types alone. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  renderer: ['api', 'transcode/outcome.ts', 'preload'],
}

/** Packages that stand in one room or one file only, and how they may be loaded. */
const KEPT: readonly { name: string; where: RegExp; files?: number; lazy?: boolean }[] = [
  { name: 'electron', where: /^src\/(main|preload)\// },
  { name: 'serialport', where: /^src\/devices\/serial\//, files: 1, lazy: true },
  { name: 'node-hid', where: /^src\/devices\/hid\//, files: 1, lazy: true },
  { name: 'vue', where: /^src\/renderer\// },
  { name: 'fastify', where: /^src\/api\// },
]

const files = filesBelow('src', ['.ts', '.vue'])
const imports = files.flatMap((file) => importsOf(file))
const own = imports.filter((each): each is Import & { to: string } => each.to !== undefined && each.to.startsWith('src/'))

const roomOf = (file: string): string => file.split('/')[1] as string
const isBelow = (file: string, place: string): boolean => file === `src/${place}` || file.startsWith(`src/${place}/`)
const show = ({ from, specifier }: Import): string => `${from} -> ${specifier}`

describe('the house', () => {
  it('has rooms that are all in the table of arrows', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => ARROWS[room] === undefined)).toEqual([])
  })

  it.each(Object.keys(ARROWS))('%s imports nothing but what its arrows allow', (room) => {
    const wrong = own.filter(({ from, to, kind }) => {
      if (roomOf(from) !== room || roomOf(to) === room) return false
      const allowed = [...(ARROWS[room] ?? []), ...(kind === 'type' ? (TYPES_ONLY[room] ?? []) : [])]
      return !allowed.some((place) => isBelow(to, place))
    })
    expect(wrong.map(show)).toEqual([])
  })

  it('keeps the screens apart: what two of them use stands outside both', () => {
    const screens = ['desk', 'kiosk', 'diagnostics']
    const screenOf = (file: string) => screens.find((name) => isBelow(file, `renderer/${name}`))
    const wrong = own.filter(({ from, to }) => screenOf(from) && screenOf(to) && screenOf(from) !== screenOf(to))
    expect(wrong.map(show)).toEqual([])
  })

  it('imports only files that exist, and nothing from outside src', () => {
    const known = new Set(files)
    const asset = /\.(css|svg|wav|mp3|json|wasm|vue|woff2)$/
    const wrong = imports.filter(({ to }) => to !== undefined && !known.has(to) && !(asset.test(to) && /^(src|resources)\//.test(to)))
    expect(wrong.map(show)).toEqual([])
  })

  it('has no circles between files', () => {
    const next = new Map<string, string[]>()
    for (const { from, to, kind } of own) if (kind !== 'type') next.set(from, [...(next.get(from) ?? []), to])
    expect(circlesIn(next)).toEqual([])
  })

  it('has no circles between rooms, types included', () => {
    const next = new Map<string, string[]>()
    for (const { from, to } of own) {
      if (roomOf(from) !== roomOf(to)) next.set(roomOf(from), [...(next.get(roomOf(from)) ?? []), roomOf(to)])
    }
    expect(circlesIn(next)).toEqual([])
  })

  it.each(KEPT)('keeps $name in its place', ({ name, where, files: most, lazy }) => {
    const users = imports.filter(({ specifier }) => specifier === name || specifier.startsWith(`${name}/`))
    expect(users.filter(({ from }) => !where.test(from)).map(show)).toEqual([])
    if (most !== undefined) expect(new Set(users.map(({ from }) => from)).size).toBeLessThanOrEqual(most)
    if (lazy) expect(users.filter(({ kind }) => kind === 'value').map(show)).toEqual([])
  })

  it('imports from packages that package.json names, and in the product from its dependencies alone', () => {
    const manifest = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> }
    const given = new Set([...Object.keys(manifest.dependencies), 'electron'])
    const wrong = imports.filter(({ from, specifier, to, kind }) => {
      if (to !== undefined || specifier.startsWith('node:') || kind === 'type' || from.endsWith('vite.config.ts')) return false
      return !given.has(specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/'))
    })
    expect(wrong.map(show)).toEqual([])
  })
})

describe('every line', () => {
  const pages = filesBelow('src', ['.ts', '.vue', '.css', '.html', '.svg'])

  it('takes nothing from the internet at run time', () => {
    const wrong = pages.filter((file) =>
      /https?:\/\/(cdn\.|unpkg|fonts\.|[a-z.]*jsdelivr)|(src|href)="https?:|url\(['"]?https?:|@import ['"]https?:/.test(textOf(file)),
    )
    expect(wrong).toEqual([])
  })

  it('leaves SM2, SM3 and SM4 to sm-crypto: the shell has no OpenSSL', () => {
    expect(pages.filter((file) => /create(Hash|Hmac|Cipheriv|Decipheriv|Sign|Verify)\(\s*['"`]sm[234]/i.test(textOf(file)))).toEqual([])
  })

  it('stands in a file that is short enough to read', () => {
    // The words of a language are a table: as long as it must be.
    const code = files.filter((file) => !file.startsWith('src/renderer/messages/'))
    expect(code.filter((file) => textOf(file).split('\n').length > 300)).toEqual([])
  })

  it('stands in a file named in kebab-case after what it does', () => {
    const names = files.map((file) => file.split('/').at(-1) as string)
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.d|\.config|\.worker)?\.(ts|vue)$/.test(name))).toEqual([])
    expect(names.filter((name) => /(manager|service|helper|impl|utils?)\./.test(name))).toEqual([])
  })
})

describe('the reader of imports', () => {
  it('sees values, types, dynamic imports, re-exports and the scripts of a Vue file', () => {
    const text = [
      "import { a } from '../b/a.ts'",
      "import type { T } from './t.ts'",
      "import { type U } from './u.ts'",
      "export { c } from './c.ts'",
      "const d = await import('serialport')",
      "type E = typeof import('node-hid')",
    ].join('\n')
    const seen = importsOf('src/x/y.ts', text).map(({ specifier, to, kind }) => [specifier, to, kind])
    expect(seen).toEqual([
      ['../b/a.ts', 'src/b/a.ts', 'value'],
      ['./t.ts', 'src/x/t.ts', 'type'],
      ['./u.ts', 'src/x/u.ts', 'type'],
      ['./c.ts', 'src/x/c.ts', 'value'],
      ['serialport', undefined, 'dynamic'],
      ['node-hid', undefined, 'type'],
    ])
    const vue = '<template><p/></template><script setup lang="ts">\nimport x from "./x.vue"\n</script>'
    expect(importsOf('src/x/y.vue', vue).map(({ to }) => to)).toEqual(['src/x/x.vue'])
  })

  it('finds circles', () => {
    expect(circlesIn(new Map([['a', ['b']], ['b', ['c', 'd']], ['d', ['a']]]))).toEqual(['a -> b -> d -> a'])
  })
})

function circlesIn(next: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = []
  const done = new Set<string>()
  const walk = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node)
    if (at >= 0) circles.push([...path.slice(at), node].join(' -> '))
    if (at >= 0 || done.has(node)) return
    for (const each of new Set(next.get(node) ?? [])) walk(each, [...path, node])
    done.add(node)
  }
  for (const node of next.keys()) walk(node, [])
  return circles
}
