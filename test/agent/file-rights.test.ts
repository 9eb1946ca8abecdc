/** Who can open the data directory: modes here, and the access lists of Windows over a double of icacls and whoami. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import iconv from 'iconv-lite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openToOthers } from '../../src/agent/access-list.ts'
import { closeToOthers, rightsOf, type System } from '../../src/agent/file-rights.ts'
import { keyPlaces } from '../../src/agent/technician/key-places.ts'
import { keyCheck, rightsChecks } from '../../src/agent/technician/safety-checks.ts'

const ACCOUNT = 'S-1-5-21-1004336348-1177238915-682003330-1001'
/** What a folder in %PROGRAMDATA% inherits, and a file in it: Users read and may make files. */
const PROGRAM_DATA = `D:AI(A;OICIIOID;FA;;;CO)(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)`
const IN_PROGRAM_DATA = 'D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)'
const CLOSED = `D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${ACCOUNT})`

/** A folder named as the terminal's own. */
function folder(): string {
  const above = mkdtempSync(join(tmpdir(), 'maqiao-rights-'))
  onTestFinished(() => rmSync(above, { recursive: true, force: true }))
  const directory = join(above, 'maqiao')
  mkdirSync(directory)
  return directory
}

type Language = { encoding: string; account: string; done: string }
const LANGUAGES: Record<string, Language> = {
  english: { encoding: 'cp437', account: 'desk-01\\window', done: 'Successfully processed 1 files; Failed processing 0 files' },
  chinese: { encoding: 'gbk', account: '门诊-01\\窗口', done: '已成功处理 1 个文件; 处理 0 个文件时失败' },
  german: { encoding: 'cp850', account: 'empfang\\müller', done: '1 Dateien erfolgreich verarbeitet, bei 0 Dateien ist ein Verarbeitungsfehler aufgetreten.' },
}

/** icacls and whoami as Windows 10 answers them; `lists` are the access lists by path, of files that inherit unless they stand there. */
function windows(lists: Map<string, string>, { language = LANGUAGES['english']!, account = ACCOUNT, refuses = false }: { language?: Language; account?: string; refuses?: boolean } = {}) {
  const asked: string[][] = []
  const listOf = (path: string): string => {
    const own = lists.get(path)
    if (own !== undefined) return own
    const above = lists.get(dirname(path)) ?? PROGRAM_DATA
    return above === PROGRAM_DATA ? IN_PROGRAM_DATA : `D:AI${[...above.matchAll(/\(A;OICI;([^)]*)\)/g)].map(([, rest]) => `(A;ID;${rest})`).join('')}`
  }
  const change = (path: string, args: readonly string[]): void => {
    if (refuses) throw Object.assign(new Error('Access is denied.'), { code: 5 })
    if (args.includes('/reset')) return void lists.delete(path)
    if (!args.includes('/inheritance:r')) return
    const inherited = /\([^)]*ID;[^)]*\)/g
    const named = args.flatMap((arg) => /^\*(S-[\d-]+):(\(OI\)\(CI\))?F$/.exec(arg) ?? [])
    const grants = args.flatMap((arg) => /^\*(S-[\d-]+):(\(OI\)\(CI\))?F$/.exec(arg)?.slice(1, 3) ?? [])
    expect(named.length).toBeGreaterThan(0)
    const removed = args.slice(args.indexOf('/remove:g') + 1).map((arg) => arg.slice(1))
    const short: Record<string, string> = { 'S-1-5-18': 'SY', 'S-1-5-32-544': 'BA' }
    const left = listOf(path).replace(inherited, '').match(/\([^)]*\)/g) ?? []
    const kept = left.filter((entry) => !args.includes('/remove:g') || !openToOthers(`D:${entry}`, account).some(({ sid }) => sid !== undefined && removed.includes(sid)))
    const fresh = grants.flatMap((sid, at) => (at % 2 === 0 ? [`(A;${grants[at + 1] === undefined ? '' : 'OICI'};FA;;;${short[sid!] ?? sid})`] : []))
    lists.set(path, `D:PAI${[...kept, ...fresh].join('')}`)
  }
  const system: System = {
    platform: 'win32',
    async run(program, args) {
      asked.push([program, ...args])
      if (program === 'whoami') return iconv.encode(`"${language.account}","${account}"\r\n`, language.encoding)
      const [path, ...rest] = args as [string, ...string[]]
      const save = rest.indexOf('/save')
      if (save >= 0) {
        const paths = path.endsWith('*') ? readdirSync(dirname(path)).map((name) => join(dirname(path), name)) : [path]
        writeFileSync(rest[save + 1]!, Buffer.from(paths.map((each) => `${basename(each)}\r\n${listOf(each)}\r\n`).join(''), 'utf16le'))
      } else change(path, rest)
      return iconv.encode(`${language.done}\r\n`, language.encoding)
    },
  }
  return { system, asked, listOf }
}

describe('an access list of Windows', () => {
  test.each([
    ['what ProgramData hands down', PROGRAM_DATA, ['Users', 'Users'], true],
    ['read by everybody', 'D:(A;;FA;;;SY)(A;;FR;;;WD)', ['Everyone'], false],
    ['read by number', 'D:(A;;0x1200a9;;;S-1-5-32-545)', ['Users'], false],
    ['changed by number', 'D:(A;;0x1301bf;;;AU)', ['Authenticated Users'], true],
    ['who may change the list can read it next', 'D:(A;;RCWD;;;IU)', ['INTERACTIVE'], true],
    ['another account', 'D:PAI(A;;FA;;;S-1-5-21-1-2-3-1002)', ['S-1-5-21-1-2-3-1002'], true],
    ['the users of a domain', 'D:(A;;FR;;;DU)', ['DU'], false],
    ['a service that is not ours', 'D:(A;;FA;;;NS)', ['NETWORK SERVICE'], true],
    ['under a condition', 'D:(XA;;FX;;;WD;(@User.Title=="VP" && (Member_of {SID(BA)})))', ['Everyone'], false],
    ['no list at all', 'D:NO_ACCESS_CONTROL', ['Everyone'], true],
    ['a list that is cut', 'D:PAI(A;;FA;;;SY)(A;;FR;;', ['Everyone'], true],
    ['something else', 'O:BAG:BA', ['Everyone'], true],
  ])('%s is open', (_what, sddl, names, writes) => {
    const others = openToOthers(sddl, ACCOUNT)
    expect([others.map(({ name }) => name), others.some((entry) => entry.writes)]).toEqual([names, writes])
  })

  test.each([
    ['three accounts', CLOSED, ACCOUNT],
    ['nobody', 'D:P', ACCOUNT],
    ['the creator of what will be made in it', `D:P(A;OICIIO;FA;;;CO)(A;;FA;;;BA)`, ACCOUNT],
    ['others who are refused', `D:P(D;;FA;;;WD)(A;;FA;;;S-1-5-18)`, ACCOUNT],
    ['the first administrator, by SDDL’s short name', 'D:P(A;;FA;;;LA)', 'S-1-5-21-7-8-9-500'],
    ['a service that is ours', 'D:P(A;;FA;;;LS)', 'S-1-5-19'],
    ['with the list of what is recorded behind it', 'D:P(A;;FA;;;SY)S:AI(AU;SA;FA;;;WD)', ACCOUNT],
  ])('%s is closed', (_what, sddl, account) => expect(openToOthers(sddl, account)).toEqual([]))
})

describe('a data directory on Windows', () => {
  test.each(Object.entries(LANGUAGES))('is closed at the start and told by SIDs (%s)', async (_name, language) => {
    const directory = folder()
    writeFileSync(join(directory, 'settings.json'), '{}')
    const { system, asked, listOf } = windows(new Map([[directory, PROGRAM_DATA]]), { language })
    expect(await rightsOf(directory, system)).toMatchObject({ state: 'open', writable: true, words: '其他账户也能改（Users）' })
    expect(await closeToOthers(directory, system)).toEqual([])
    expect(listOf(directory)).toBe(CLOSED)
    expect(await rightsOf(directory, system)).toMatchObject({ state: 'closed' })
    expect(await rightsOf(join(directory, 'settings.json'), system)).toMatchObject({ state: 'closed' })
    expect(asked.flat().filter((arg) => arg.startsWith('*') && !arg.startsWith('*S-1-'))).toEqual([])
    // Whoever made the folder before us may not open it again.
    expect(asked).toContainEqual(['icacls', directory, '/setowner', `*${ACCOUNT}`, '/Q'])
  })

  test('loses what others were granted outright, in files that were copied into it too', async () => {
    const directory = folder()
    for (const name of ['outbox.key', 'api-token', 'state.db']) writeFileSync(join(directory, name), 'x')
    const stranger = 'S-1-5-21-1-2-3-1002'
    const lists = new Map([
      [directory, `${CLOSED}(A;OICI;FA;;;${stranger})(A;;FR;;;WD)`],
      [join(directory, 'api-token'), 'D:PAI(A;;FA;;;SY)(A;;FR;;;BU)'],
    ])
    const { system, listOf } = windows(lists)
    expect(await closeToOthers(directory, system)).toEqual([])
    expect([directory, ...['outbox.key', 'api-token', 'state.db'].map((name) => join(directory, name))].flatMap((path) => openToOthers(listOf(path), ACCOUNT))).toEqual([])
  })

  test('that is closed already is changed by nothing', async () => {
    const directory = folder()
    writeFileSync(join(directory, 'outbox.key'), 'x')
    const { system, asked } = windows(new Map([[directory, CLOSED]]))
    expect(await closeToOthers(directory, system)).toEqual([])
    expect(asked.filter(([program, , what]) => program === 'icacls' && what !== '/save')).toEqual([])
  })

  test('that cannot be closed is told, by the start and by the doctor', async () => {
    const directory = folder()
    writeFileSync(join(directory, 'outbox.key'), 'x')
    const { system } = windows(new Map([[directory, PROGRAM_DATA]]), { refuses: true })
    expect(await closeToOthers(directory, system)).toMatchObject([{ name: directory }])
    const checks = [await keyCheck(directory, system), ...(await rightsChecks(directory, undefined, system))]
    expect(checks.map(({ id, ok }) => [id, ok])).toEqual([['key', false], ['data-dir.rights', false]])
    for (const { advice } of checks) expect(advice).toMatch(/icacls ".+" \/inheritance:r \/grant:r \*S-1-5-18:/)
    const { outbox, apiToken } = await keyPlaces({ dataDir: directory, settingsFile: undefined, secrets: [], tokenInSettings: false, system })
    expect([outbox.sound, apiToken.sound]).toEqual([false, false])
    expect(outbox.command).toContain(`*${ACCOUNT}:F`)
  })

  test.each([
    ['icacls answers nothing', { platform: 'win32', run: async () => Buffer.from('"a","S-1-5-18"') }],
    ['it cannot be run', { platform: 'win32', run: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOENT' })) }],
  ] as [string, System][])('where %s is not called closed', async (_what, system) => {
    const directory = folder()
    writeFileSync(join(directory, 'outbox.key'), 'x')
    expect(await rightsOf(join(directory, 'outbox.key'), system)).toMatchObject({ state: 'unknown' })
    expect(await keyCheck(directory, system)).toMatchObject({ ok: false })
    expect(await closeToOthers(directory, system)).toHaveLength(1)
  })

  test('of somebody else is left as it is', async () => {
    const directory = join(folder(), 'Documents')
    mkdirSync(directory)
    writeFileSync(join(directory, 'letter.txt'), 'x')
    const { system, asked } = windows(new Map([[directory, PROGRAM_DATA]]))
    expect(await closeToOthers(directory, system)).toEqual([])
    expect(asked).toEqual([])
  })
})

describe.skipIf(process.platform === 'win32')('a data directory on POSIX (skipped on Windows)', () => {
  test('is closed at the start with its keys, and left alone if it is somebody else’s', async () => {
    const directory = folder()
    const files = ['outbox.key', 'session.key', 'api-token'].map((name) => join(directory, name))
    for (const file of files) writeFileSync(file, 'x')
    for (const path of [directory, ...files]) chmodSync(path, 0o777)
    expect(await closeToOthers(directory)).toEqual([])
    expect([directory, ...files].map((path) => statSync(path).mode & 0o077)).toEqual([0, 0, 0, 0])
    const other = join(dirname(directory), 'shared')
    mkdirSync(other)
    writeFileSync(join(other, 'letter.txt'), 'x')
    chmodSync(other, 0o777)
    await closeToOthers(other)
    expect(statSync(other).mode & 0o777).toBe(0o777)
  })

  test.each([0o666, 0o644, 0o640, 0o604, 0o660, 0o622])('a key, a token, a settings file and a named secret of mode %o are not ✔', async (mode) => {
    const directory = folder()
    const [key, token, session, secret, settings] = ['outbox.key', 'api-token', 'session.key', 'card-secret', 'settings.json'].map((name) => join(directory, name)) as [string, string, string, string, string]
    for (const file of [key, token, session, secret]) writeFileSync(file, 'x', { mode: 0o600 })
    writeFileSync(settings, JSON.stringify({ terminal: { id: 'W' }, api: { token: 'a-token-of-sixteen' }, platforms: { healthCard: { appSecret: 'file:card-secret' } } }), { mode: 0o600 })
    chmodSync(directory, 0o700)
    const look = async () => [await keyCheck(directory), ...(await rightsChecks(directory, settings))].filter(({ ok, advice }) => !ok || advice !== undefined)
    expect(await look()).toEqual([])
    // The hospital's own files are its own to share for reading: a warning.
    const ours = [[key, 'key'], [token, 'secrets.rights'], [session, 'secrets.rights']] as const
    const theirs = [[secret, 'secret-files.rights'], [settings, 'settings.rights']] as const
    for (const [file, id] of [...ours, ...theirs]) {
      chmodSync(file, mode)
      const ok = theirs.some(([each]) => each === file) && (mode & 0o022) === 0
      expect(await look()).toMatchObject([{ id, ok, advice: expect.stringContaining(`chmod 600 '${file}'`) }])
      chmodSync(file, 0o600)
    }
    chmodSync(directory, 0o777)
    expect(await look()).toMatchObject([{ id: 'data-dir.rights', ok: false }])
  })

  test('a settings file without a secret in it may be read, never changed', async () => {
    const directory = folder()
    const settings = join(directory, 'settings.json')
    writeFileSync(settings, JSON.stringify({ terminal: { id: 'W' }, api: { token: 'env:TOKEN' } }))
    const isSound = async (mode: number) => {
      chmodSync(settings, mode)
      return (await rightsChecks(directory, settings)).find(({ id }) => id === 'settings.rights')?.ok
    }
    expect([await isSound(0o644), await isSound(0o666), await isSound(0o600)]).toEqual([true, false, true])
  })
})
