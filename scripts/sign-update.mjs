/**
 * Writes what a hospital's file server needs beside the packages: `npm run sign-update -- [--key FILE] [--notes FILE] [--days N] [FOLDER]`.
 * The list holds for N days (180): terminals refuse it afterwards, and it is to be signed anew before.
 * The key (P-256, PEM) is made where the file is missing, and its public half printed for the setting `update.publicKey`.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { helpIfAsked } from './help.mjs'

helpIfAsked('sign-update')

const LIST = 'maqiao-update.txt'
/** Names as electron-builder and scripts/bundle.mjs give them. */
const KINDS = [
  [/-win-x64\.exe$/, 'win32-x64', 'nsis'],
  [/-linux-amd64\.deb$/, 'linux-x64', 'deb'],
  [/-linux-arm64\.deb$/, 'linux-arm64', 'deb'],
  [/-linux-x86_64\.AppImage$/, 'linux-x64', 'appimage'],
  [/-linux-arm64\.AppImage$/, 'linux-arm64', 'appimage'],
  [/-linux-x64\.tar\.gz$/, 'linux-x64', 'bundle'],
  [/-linux-arm64\.tar\.gz$/, 'linux-arm64', 'bundle'],
]

const dayAfter = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { key: { type: 'string', default: 'maqiao-update.key' }, notes: { type: 'string' }, days: { type: 'string', default: '180' } },
})
if (!/^[1-9]\d{0,3}$/.test(values.days)) {
  process.stderr.write(`--days ${values.days}: 1 to 9999 天数不对\n`)
  process.exit(64)
}
const folder = positionals[0] ?? join(import.meta.dirname, '../dist')
if (!existsSync(values.key)) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(values.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  process.stderr.write(`a new key is in ${values.key}: keep it off the file server 新的私钥，请勿放到文件服务器\n`)
}
const key = createPrivateKey(readFileSync(values.key))
const files = readdirSync(folder)
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
const packages = files.flatMap((name) => {
  const [, system, kind] = KINDS.find(([pattern]) => pattern.test(name)) ?? []
  if (system === undefined || !name.includes(`-${version}-`)) return []
  const bytes = readFileSync(join(folder, name))
  return [`package ${system} ${kind} ${name} ${bytes.length} ${createHash('sha512').update(bytes).digest('base64')}`]
})
if (packages.length === 0) {
  process.stderr.write(`${folder} holds no package of ${version} 没有 ${version} 的安装包\n`)
  process.exit(1)
}
const notes = values.notes === undefined ? [] : readFileSync(values.notes, 'utf8').split(/\r?\n/).map((line) => line.replace(/^[-*]\s*/, '').trim()).filter(Boolean)
const list = ['maqiao-update 1', `version ${version}`, `date ${dayAfter(0)}`, `expires ${dayAfter(Number(values.days))}`, ...notes.map((note) => `note ${note}`), ...packages, ''].join('\n')
writeFileSync(join(folder, LIST), list)
writeFileSync(join(folder, `${LIST}.sig`), `${sign('sha256', Buffer.from(list), key).toString('base64')}\n`)
process.stdout.write(`${join(folder, LIST)}\n${packages.map((line) => line.split(' ')[3]).join('\n')}\nupdate.publicKey: ${createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')}\n`)
