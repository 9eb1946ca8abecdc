/** The licence texts of everything that is shipped: MIT, ISC, BSD and Apache ask for them beside the program. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.|-|$)/i

/** Writes the file; returns the packages whose own files hold no text, which are named with their licence alone. */
export function writeNotice(file) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev && existsSync(join(root, path)))
  const without = []
  const parts = shipped.map(([path, { version, license }]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const files = readdirSync(join(root, path)).filter((each) => LICENCE_FILE.test(each)).sort()
    const texts = files.flatMap((each) => { try { return [readFileSync(join(root, path, each), 'utf8').trim()] } catch { return [] } })
    if (texts.length === 0) without.push(name)
    return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n')
  })
  parts.push('Node.js (MIT and others): https://github.com/nodejs/node/blob/main/LICENSE')
  writeFileSync(file, `MaQiao is made with the following packages. Their authors' licences:\n\n${parts.join(`\n\n${'='.repeat(80)}\n\n`)}\n`)
  return without
}
