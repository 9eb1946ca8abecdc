/** Which other accounts of this machine can open a file: its mode on POSIX, its access list on Windows. */
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { openToOthers, type AclEntry } from './access-list.ts'

export type FileRights = {
  /** `unknown`: there is no such file, or the system does not tell. */
  state: 'closed' | 'open' | 'unknown'
  /** Whether others can change it, not only read it. */
  writable: boolean
  /** Who can open it, for a technician. */
  words: string
  /** Closes it; only where it is open. */
  command?: string
}

/** What is asked of the system; a test gives its own. */
export type System = {
  platform: NodeJS.Platform
  /** Runs a program of %SystemRoot%\System32 to its end; rejects if it cannot be run or exits with another code than 0. */
  run(program: string, args: readonly string[]): Promise<Buffer>
}

const RUN_LIMIT_MS = 5000
const SYSTEM_SID = 'S-1-5-18'
const ADMINISTRATORS_SID = 'S-1-5-32-544'

const thisSystem: System = {
  platform: process.platform,
  // By its whole path: a program of the same name in the working directory is not run.
  run: (program, args) =>
    new Promise((done, failed) => {
      const file = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', `${program}.exe`)
      execFile(file, args, { encoding: 'buffer', timeout: RUN_LIMIT_MS, windowsHide: true }, (error, stdout) => (error ? failed(error) : done(stdout)))
    }),
}

/** Looks at one file or folder. Never rejects. */
export async function rightsOf(file: string, system: System = thisSystem): Promise<FileRights> {
  const path = resolve(file)
  try {
    const stat = statSync(path)
    if (system.platform !== 'win32') return modeRights(path, stat.mode, stat.isDirectory())
    const [account, lists] = await Promise.all([accountOf(system), accessListsOf(path, system)])
    return listRights(path, stat.isDirectory(), lists.values().next().value, account)
  } catch (error) {
    return unknown(error)
  }
}

/**
 * Closes a data directory, and the files in it, to every account but this one (and SYSTEM and Administrators on
 * Windows), unless it is closed already. A directory that is neither empty nor MaQiao's own is left as it is.
 * Returns what is still open. Never rejects.
 */
export async function closeToOthers(directory: string, system: System = thisSystem): Promise<{ name: string; rights: FileRights }[]> {
  const path = resolve(directory)
  try {
    if (!isOwn(path)) return []
    return await (system.platform === 'win32' ? closeByList(path, system) : closeByMode(path))
  } catch (error) {
    return [{ name: path, rights: unknown(error) }]
  }
}

/** Somebody's `--data-dir /tmp` must not shut everybody out of it. */
function isOwn(directory: string): boolean {
  const names = readdirSync(directory)
  return names.length === 0 || names.includes('outbox.key') || /^maqiao/i.test(basename(directory))
}

function unknown(error: unknown): FileRights {
  const { code } = error as NodeJS.ErrnoException
  return { state: 'unknown', writable: false, words: code === 'ENOENT' ? '文件不存在或读不到' : `查不出权限（${code ?? '没有回答'}）` }
}

// POSIX ------------------------------------------------------------------------

/** The files of a data directory that hold keys and tokens. */
const KEPT_SECRETS = ['outbox.key', 'installation.secret', 'session.key', 'api-token']

function modeRights(path: string, mode: number, isDirectory: boolean): FileRights {
  const octal = (mode & 0o777).toString(8).padStart(4, '0')
  const writable = (mode & 0o022) !== 0
  if ((mode & 0o077) === 0) return { state: 'closed', writable, words: `仅本账户可读（${octal}）` }
  const words = writable ? `其他账户也能改（${octal}）` : `其他账户也能读（${octal}）`
  return { state: 'open', writable, words, command: `chmod ${isDirectory ? '700' : '600'} '${path.replaceAll("'", "'\\''")}'` }
}

function closeByMode(directory: string): { name: string; rights: FileRights }[] {
  return [directory, ...KEPT_SECRETS.map((name) => join(directory, name))].flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined || (stat.mode & 0o077) === 0) return []
    try {
      chmodSync(path, stat.mode & 0o700)
      return []
    } catch {
      return [{ name: path, rights: modeRights(path, stat.mode, stat.isDirectory()) }]
    }
  })
}

// Windows ----------------------------------------------------------------------

let ownSid: Promise<string> | undefined

/** The SID of the account that runs this. By number: names are translated on each language of Windows. */
function accountOf(system: System): Promise<string> {
  const ask = async (): Promise<string> => {
    const said = await system.run('whoami', ['/user', '/fo', 'csv', '/nh'])
    const sid = /"(S-1-[\d-]+)"/.exec(said.toString('latin1'))?.[1]
    if (sid === undefined) throw new Error('whoami names no SID')
    return sid
  }
  return system === thisSystem ? (ownSid ??= ask()) : ask()
}

/** Access lists by file name, as `icacls /save` writes them: UTF-16, a line with the name and a line of SDDL, in every language of Windows. */
async function accessListsOf(pattern: string, system: System): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'maqiao-acl-'))
  try {
    const saved = join(folder, 'acl')
    await system.run('icacls', [pattern, '/save', saved, '/C', '/Q'])
    const bytes = readFileSync(saved)
    const lines = bytes.toString(bytes.includes(0) ? 'utf16le' : 'utf8').replace(/^\uFEFF/, '').split(/\r?\n/)
    const lists = new Map<string, string>()
    lines.forEach((line, at) => {
      const list = lines[at + 1]
      if (list !== undefined && /^D:/.test(list) && !/^D:/.test(line)) lists.set(line, list)
    })
    if (lists.size === 0) throw new Error('icacls saved nothing')
    return lists
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function listRights(path: string, isDirectory: boolean, list: string | undefined, account: string): FileRights {
  if (list === undefined) return unknown({})
  const others = openToOthers(list, account)
  if (others.length === 0) return { state: 'closed', writable: false, words: '仅本账户、SYSTEM 与 Administrators 可读' }
  const writable = others.some((entry) => entry.writes)
  const names = [...new Set(others.map(({ name }) => name))].join('、')
  const words = `其他账户也能${writable ? '改' : '读'}（${names}）`
  return { state: 'open', writable, words, command: `icacls "${path}" ${closingArgs(isDirectory, others, account).join(' ')}` }
}

/** Nothing is inherited from above, three accounts have everything, and what others were granted outright is taken away. */
function closingArgs(isDirectory: boolean, others: readonly AclEntry[], account: string): string[] {
  const inherit = isDirectory ? '(OI)(CI)' : ''
  const grants = [SYSTEM_SID, ADMINISTRATORS_SID, account].map((sid) => `*${sid}:${inherit}F`)
  const sids = new Set(others.flatMap(({ sid }) => (sid === undefined ? [] : [`*${sid}`])))
  return ['/inheritance:r', '/grant:r', ...new Set(grants), ...(sids.size > 0 ? ['/remove:g', ...sids] : [])]
}

async function closeByList(directory: string, system: System): Promise<{ name: string; rights: FileRights }[]> {
  const account = await accountOf(system)
  const isNew = !readdirSync(directory).includes('outbox.key')
  const listOf = async (): Promise<string | undefined> => (await accessListsOf(directory, system)).values().next().value
  const before = await listOf()
  const others = openToOthers(before ?? '', account)
  if (isNew || others.length > 0) {
    // Every account may make a folder in ProgramData, and whoever owns a folder can open it again.
    await system.run('icacls', [directory, '/setowner', `*${account}`, '/Q']).catch(() => undefined)
  }
  if (others.length > 0) await system.run('icacls', [directory, ...closingArgs(true, others, account), '/Q'])
  const left = listRights(directory, true, await listOf(), account)
  const inside = left.state === 'closed' ? await closeFiles(directory, account, system) : []
  return [...(left.state === 'closed' ? [] : [{ name: directory, rights: left }]), ...inside]
}

/** Files that were copied into the directory bring rights of their own: they take those of the directory. */
async function closeFiles(directory: string, account: string, system: System): Promise<{ name: string; rights: FileRights }[]> {
  const names = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => entry.name)
  if (names.length === 0) return []
  const pattern = join(directory, '*')
  const openIn = (lists: Map<string, string>) => names.filter((name) => openToOthers(lists.get(name) ?? 'D:', account).length > 0)
  const open = openIn(await accessListsOf(pattern, system))
  if (open.length === 0) return []
  for (const name of open) await system.run('icacls', [join(directory, name), '/reset', '/Q']).catch(() => undefined)
  const after = await accessListsOf(pattern, system)
  return openIn(after).map((name) => ({ name: join(directory, name), rights: listRights(join(directory, name), false, after.get(name), account) }))
}
