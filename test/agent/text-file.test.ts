import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readSettings, SettingsError } from '../../src/agent/settings-file.ts'
import { decodeText } from '../../src/agent/text-file.ts'
import { keptSecret } from '../../src/terminal/kept-secret.ts'

/** What Windows' programs make of a text: Notepad's four, PowerShell's `>`, and files without the mark. */
const SAVED: [string, (text: string) => Buffer][] = [
  ['UTF-8', (text) => Buffer.from(text)],
  ['UTF-8 with a mark', (text) => Buffer.from(`\ufeff${text}`)],
  ['UTF-8 with two marks', (text) => Buffer.from(`\ufeff\ufeff${text}`)],
  ['ANSI (GBK)', (text) => iconv.encode(text, 'gbk')],
  ['UTF-16LE with a mark', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-16BE with a mark', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ['UTF-16LE', (text) => Buffer.from(text, 'utf16le')],
  ['UTF-16BE', (text) => Buffer.from(text, 'utf16le').swap16()],
]
const TOKEN = 'a-token-of-the-hospital-32-chars'
const NAME = '合肥市第一人民医院（一期）'
const SETTINGS = { terminal: { id: 'W01', department: '内科' }, hospital: { name: NAME }, api: { token: 'file:token.txt' } }

function place(settings: string | Uint8Array, token: string | Uint8Array = TOKEN): string {
  const directory = mkdtempSync(join(tmpdir(), 'maqiao-text-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'settings.json'), settings)
  writeFileSync(join(directory, 'token.txt'), token)
  return join(directory, 'settings.json')
}
const faultsOf = (file: string) => {
  try {
    readSettings(file)
  } catch (error) {
    return (error as SettingsError).faults.map(({ path, reason }) => `${path}: ${reason}`)
  }
  return []
}

describe.each(SAVED)('saved as %s', (_name, save) => {
  it.each([['\n', '\n'], ['\r\n', '\r\n \r\n']])('settings with the line end %j are read as they were written', (end, last) => {
    const text = JSON.stringify(SETTINGS, null, 2).replaceAll('\n', end) + last
    expect(readSettings(place(save(text)))).toMatchObject({ terminal: { department: '内科' }, hospital: { name: NAME } })
  })

  it.each(['', '\n', '\r\n', ' \r\n\r\n', '\t'])('a secret followed by %j is the secret', (end) => {
    const settings = readSettings(place(JSON.stringify(SETTINGS), save(TOKEN + end)))
    expect(settings.api.token?.reveal()).toBe(TOKEN)
  })

  it('the kept token is the token', () => {
    const file = place('{}')
    writeFileSync(join(file, '../api-token'), save(`${TOKEN}\r\n`))
    expect(keptSecret(join(file, '..'), 'api-token')).toBe(TOKEN)
  })
})

it('refuses what is in no certain encoding, by the file’s name and in Chinese, and repeats nothing of it', () => {
  const bad: Uint8Array[] = [
    Buffer.from([0xff, 0xfe, 0x41]), // half a UTF-16 unit
    Buffer.from([0xef, 0xbb, 0xbf, 0xb0, 0xa1]), // GBK behind the mark of UTF-8
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), iconv.encode(JSON.stringify(SETTINGS), 'gbk')]), // the same, of which GBK makes characters
    iconv.encode('{"hospital":{"name":"Hôpital de München"}}', 'latin1'), // of which GBK makes Chinese
    Buffer.from([0x7b, 0x81, 0x20, 0x7d]), // neither UTF-8 nor GBK
    iconv.encode('{"name":"Größe éàü"}', 'latin1'),
    iconv.encode('{"name":"Москва"}', 'gbk'), // decodes, but to no Chinese
    Buffer.from(`\ufeff${TOKEN}`, 'utf16le').subarray(0, -1),
    Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), // UTF-32
    Buffer.concat([Buffer.from(TOKEN), Buffer.alloc(8)]), // a sparse end, as a power cut leaves it
  ]
  for (const bytes of bad) {
    expect(decodeText(bytes)).toBeUndefined()
    const file = place(bytes)
    expect(faultsOf(file)).toEqual([expect.stringMatching(/settings\.json: .*编码.*UTF-8/)])
    expect(faultsOf(place(JSON.stringify(SETTINGS), bytes))).toEqual([expect.stringMatching(/^api\.token: .*token\.txt.*编码.*UTF-8/)])
    writeFileSync(join(file, '../api-token'), bytes)
    expect(() => keptSecret(join(file, '..'), 'api-token')).toThrow(SettingsError)
  }
})

it.each(['人\uFFFD医院', '锟斤拷', '人\ud842医院'])('refuses %j, which an editor has lost characters of', (name) => {
  expect(faultsOf(place(JSON.stringify({ ...SETTINGS, hospital: { name } }).replace('\uFFFD', '\\ufffd')))).toEqual([expect.stringMatching(/^hospital\.name: .*文字已损坏/)])
})

it('refuses a secret of two lines, but for a PEM', () => {
  const settings = JSON.stringify(SETTINGS)
  expect(faultsOf(place(settings, `${TOKEN}\r\nold: ${TOKEN}\r\n`))).toEqual([expect.stringMatching(/^api\.token: .*token\.txt.*只能有一行/)])
  const pem = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----'
  expect(readSettings(place(settings, `${pem}\r\n`)).api.token?.reveal()).toBe(pem)
})
