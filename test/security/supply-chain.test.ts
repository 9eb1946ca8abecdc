/** What the product is made of: from where, under which licence, and what of it may run at install time. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))
type Locked = { version: string; resolved?: string; integrity?: string; license?: string; dev?: boolean; hasInstallScript?: boolean }
const manifest = read('package.json')
const locked = Object.entries(read('package-lock.json').packages as Record<string, Locked>).filter(([path]) => path !== '')
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** Licences that ask for no more than their text beside the product. */
const PERMISSIVE = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0', '(MIT OR X11)', '(MIT OR CC0-1.0)', '(MIT AND Zlib)', '(Unlicense OR Apache-2.0)', 'Unlicense', 'CC0-1.0']
/** A font may be embedded under OFL; tools that are not shipped may ask for their own sources. */
const SHIPPED = [...PERMISSIVE, 'OFL-1.1']
const TOOLS = [...SHIPPED, 'MPL-2.0', 'LGPL-2.1+', 'CC-BY-4.0', 'Python-2.0']

test('every package is under a licence that has been looked at', () => {
  expect(locked.length).toBeGreaterThan(200)
  const wrong = locked.filter(([, { license, dev }]) => !(dev ? TOOLS : SHIPPED).includes(license ?? ''))
  expect(wrong.map(([path, { license }]) => `${path}: ${license}`)).toEqual([])
})

test('every package comes from the registry with a digest, in one exact version', () => {
  const wrong = locked.filter(([, { resolved, integrity }]) => (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')) || !/^sha512-/.test(integrity ?? ''))
  expect(wrong.map(([path]) => path)).toEqual([])
  const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies } as Record<string, string>).filter(([, version]) => !/^(npm:[\w./@-]+@)?\d+\.\d+\.\d+$/.test(version))
  expect(loose).toEqual([])
})

test('each package with an install script is named as allowed or refused, and npm is told to fail for any other', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path))
  expect(Object.keys(manifest.allowScripts).sort()).toEqual(scripted.sort())
  // The pinned Node alone brings its binary by its script; the others carry theirs with them.
  expect(Object.entries(manifest.allowScripts).filter(([, allowed]) => allowed)).toEqual([['node', true]])
  expect(readFileSync(join(root, '.npmrc'), 'utf8').split('\n')).toContain('strict-allow-scripts=true')
})

test('the native packages load without their install scripts', () => {
  const script = "for (const name of ['koffi', 'node-hid', '@serialport/bindings-cpp']) require(name); process.stdout.write('loaded')"
  expect(execFileSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' })).toBe('loaded')
})

test.each([
  ['finds nothing', 'exit 0', 0, 'none wrong'],
  ['knows of a weakness', 'echo "undici  high severity"; exit 1', 1, 'high severity'],
  ['does not answer', 'echo "npm warn audit 405 Method Not Allowed" >&2; exit 1', 0, 'does not answer (405)'],
  ['is not there', 'echo "npm error code ENOTFOUND" >&2; exit 1', 0, 'does not answer (ENOTFOUND)'],
])('a registry that %s is told apart', (_what, script, status, words) => {
  const place = mkdtempSync(join(tmpdir(), 'maqiao-npm-'))
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  writeFileSync(join(place, 'npm'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const asked = spawnSync(process.execPath, [join(root, 'scripts/audit.mjs')], { encoding: 'utf8', env: { ...process.env, PATH: `${place}:${process.env['PATH']}` } })
  expect([asked.status, asked.stderr]).toEqual([status, ''])
  expect(asked.stdout.split(words).length).toBeGreaterThan(1)
})

test('the SBOM names every package that is shipped, with its digest, and is the same each time', () => {
  const make = () => {
    execFileSync(process.execPath, [join(root, 'scripts/sbom.mjs')], { cwd: root })
    return readFileSync(join(root, 'out/sbom.cdx.json'), 'utf8')
  }
  const text = make()
  expect(make()).toBe(text)
  const bom = JSON.parse(text)
  expect([bom.bomFormat, bom.metadata.component.name]).toEqual(['CycloneDX', 'maqiao'])
  const listed = new Set((bom.components as { name: string; version: string; hashes?: unknown[] }[]).filter(({ hashes }) => hashes?.length).map(({ name, version }) => `${name}@${version}`))
  const shipped = locked.filter(([, { dev }]) => !dev).map(([path, { version }]) => `${nameOf(path)}@${version}`)
  expect(shipped.filter((one) => !listed.has(one))).toEqual([])
  for (const name of Object.keys(manifest.dependencies)) expect([...listed].some((one) => one.startsWith(`${name}@`)), name).toBe(true)
  expect(listed.size).toBeGreaterThan(100)
})
