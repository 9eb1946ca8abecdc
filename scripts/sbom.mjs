/** Writes out/sbom.cdx.json: what the product is made of, as CycloneDX, from the lock file alone. `--dev` adds the tools. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { helpIfAsked } from './help.mjs'

helpIfAsked('sbom')

const root = join(import.meta.dirname, '..')
const lock = readFileSync(join(root, 'package-lock.json'))
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
const text = execFileSync(npm, ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  stdio: ['ignore', 'pipe', 'ignore'],
  shell: process.platform === 'win32',
})
const bom = JSON.parse(text)
// The same lock file gives the same bytes: neither the moment nor a number drawn by lot is part of it.
const digest = createHash('sha256').update(lock).digest('hex')
bom.serialNumber = `urn:uuid:${[digest.slice(0, 8), digest.slice(8, 12), `4${digest.slice(13, 16)}`, `8${digest.slice(17, 20)}`, digest.slice(20, 32)].join('-')}`
delete bom.metadata.timestamp
// npm's own `--omit dev` leaves out packages that a tool asks for as well (undici, vue): the lock file's marks are right.
if (!process.argv.includes('--dev')) {
  const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const { packages } = JSON.parse(lock.toString())
  const shipped = new Set(Object.entries(packages).flatMap(([path, { version, dev }]) => (path === '' || dev ? [] : [`${nameOf(path)}@${version}`])))
  const own = bom.metadata.component['bom-ref']
  bom.components = bom.components.filter(({ name, version }) => shipped.has(`${name}@${version}`))
  const kept = new Set([own, ...bom.components.map((component) => component['bom-ref'])])
  bom.dependencies = bom.dependencies.filter(({ ref }) => kept.has(ref)).map((entry) => ({ ...entry, dependsOn: entry.dependsOn?.filter((ref) => kept.has(ref)) }))
}
bom.metadata.component.name = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name
const file = join(root, 'out/sbom.cdx.json')
mkdirSync(join(root, 'out'), { recursive: true })
writeFileSync(file, `${JSON.stringify(bom, null, 2)}\n`)
process.stdout.write(`${file}: ${bom.components.length} components\n`)
