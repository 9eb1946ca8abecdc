/** What a package takes of out/: all that an entry leads to, and nothing that earlier builds left. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const { builtFiles, commands } = (await import(join(root, 'scripts/built-files.mjs'))) as {
  builtFiles(entries?: string[]): { used: string[]; left: string[] }
  commands(): string[]
}
const namedIn = (file: string) => [...readFileSync(join(root, file), 'utf8').matchAll(/(?:\.\.\/chunks|\.\/|assets)\/?([\w-]+-[\w-]{8}\.(?:c?js|css))["'`]/g)].map((match) => match[1] as string)

test('every file that an entry or another file names is taken, and is there', () => {
  const { used, left } = builtFiles()
  const taken = new Set(used.map((file) => file.split('/').at(-1)))
  const texts = [...commands(), 'out/main/main.js', 'out/renderer/index.html', ...used.filter((file) => /\.(c?js|html)$/.test(file))]
  expect(texts.flatMap(namedIn).filter((name) => !taken.has(name) && left.some((file) => file.endsWith(`/${name}`)))).toEqual([])
  expect(used.filter((file) => !existsSync(join(root, file)))).toEqual([])
  expect(namedIn('out/terminal/start.js').length).toBeGreaterThan(0)
})

test('a bundle without Electron takes the commands and the screens, and less than the whole', () => {
  const bundle = new Set(builtFiles([...commands(), 'out/renderer/index.html']).used)
  expect([...bundle].filter((file) => file.startsWith('out/renderer/assets/')).length).toBeGreaterThan(3)
  expect([...bundle].some((file) => file.startsWith('out/chunks/'))).toBe(true)
  expect(builtFiles(['out/terminal/none.js']).used).toEqual([])
})
