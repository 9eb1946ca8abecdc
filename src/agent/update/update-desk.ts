/** Looks for newer versions at a quiet hour, fetches and checks them, and hands them to the installer when a technician says so. */
import { accessSync, constants, lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileDurably } from '../durable-file.ts'
import { AgentError } from '../fault.ts'
import type { Settings } from '../settings.ts'
import type { AuditLog } from '../technician/audit-log.ts'
import { fetchPackage } from './fetch-package.ts'
import { UpdateFault, wordsOf } from './update-fault.ts'
import { dayOf, isNewer, isOlderList, isSigned, LIST_NAME, ownPackage, readUpdateList, SIGNATURE_NAME, type SeenList, type UpdatePackage } from './update-list.ts'
import { openUpdateSource } from './update-source.ts'

export type UpdateState = {
  state: 'off' | 'never' | 'looking' | 'current' | 'newer' | 'failed'
  /** What this terminal was installed as: bundle, deb, appimage or nsis. */
  kind: string
  from: string | null
  lookedAt: string | null
  lookAt: string | null
  newer: { version: string; date: string; notes: string[]; name: string; bytes: number; file: string | null } | null
  fault: { code: string; message: string; advice: string } | null
  /** Whether a service stands ready to install; without one `command` is for an administrator. */
  installer: boolean
  command: string | null
  /** The installer's last words. */
  result: string | null
}

export type UpdateDesk = {
  state(): UpdateState
  /** Looks now, and fetches what is newer. Never rejects: the state says what came of it. */
  look(): Promise<UpdateState>
  /** Asks the service to install what was fetched. Throws AgentError UPDATE_NOT_READY, UPDATE_NO_INSTALLER, UPDATE_BUSY, AUDIT_NOT_WRITABLE. */
  install(version: string, reason: { why: string; who: string }): void
  stop(): void
}

const TICK_MS = 60_000
const DAY_MS = 24 * 3_600_000
/** So long without a scan is a quiet time; half a minute is enough for somebody who stands there. */
const QUIET_MS = 10 * 60_000
const ATTENDED_MS = 30_000

/** @param lastScanAt ms, undefined where nothing was scanned lately */
export function createUpdateDesk(options: {
  settings: Pick<Settings, 'update' | 'network'>
  dataDir: string
  version: string
  startedAt: number
  lastScanAt: () => number | undefined
  audit: Pick<AuditLog, 'write'>
  log: (event: string, fields?: Record<string, string>) => void
  now?: () => number
  own?: { system: string; kind: string }
  /** Made by the installing service where there is one, and where it leaves its last words. */
  requestDir?: string
  resultFile?: string
}): UpdateDesk {
  const { settings, version: installed, log } = options
  const wanted = settings.update
  const now = options.now ?? Date.now
  const own = options.own ?? ownPackage()
  const requestDir = options.requestDir ?? '/run/maqiao-update'
  const folder = join(options.dataDir, 'updates')
  /** The newest list that was seen, whatever has become of it. */
  const seenFile = join(options.dataDir, 'update-seen.json')
  let command: string | null = null
  let newer: UpdateState['newer'] = null
  let fault: UpdateState['fault'] = null
  let lookedAt: number | undefined
  let looking: Promise<UpdateState> | undefined

  const quietFor = () => now() - Math.max(options.startedAt, options.lastScanAt() ?? 0)
  const timer = wanted && setInterval(() => void (isDue() && desk.look()), TICK_MS)
  timer?.unref()

  /** Once a day from the hour on that was set; a terminal that was off then looks when it has been quiet for a while. */
  function isDue(): boolean {
    const [hour = 0, minute = 0] = (wanted?.lookAt ?? '').split(':').map(Number)
    const hourToday = new Date(now()).setHours(hour, minute, 0, 0)
    const last = hourToday <= now() ? hourToday : hourToday - DAY_MS
    return (lookedAt ?? 0) < last && quietFor() >= QUIET_MS
  }

  async function seek(): Promise<void> {
    if (wanted === undefined) return
    const source = openUpdateSource(wanted.from, settings.network)
    try {
      const [list, signature] = await Promise.all([source.read(LIST_NAME), source.read(SIGNATURE_NAME)]).catch(() => {
        throw new UpdateFault('UPDATE_UNREACHABLE')
      })
      if (!isSigned(list, String(signature), wanted.publicKey)) throw new UpdateFault('UPDATE_UNSIGNED')
      const found = readUpdateList(String(list))
      if (found === undefined) throw new UpdateFault('UPDATE_LIST')
      if (found.expires < dayOf(now())) throw new UpdateFault('UPDATE_EXPIRED')
      if (isOlderList(found, seenList())) throw new UpdateFault('UPDATE_OLDER')
      // A date to come would keep out every list until then.
      if (found.date <= dayOf(now() + DAY_MS)) remember(found)
      if (!isNewer(found.version, installed)) {
        newer = null
        await rm(folder, { recursive: true, force: true })
        return
      }
      const pack = found.packages.find(({ system, kind }) => system === own.system && kind === own.kind)
      const { version, date, notes } = found
      newer = { version, date, notes, name: pack?.name ?? '', bytes: pack?.bytes ?? 0, file: null }
      command = pack === undefined ? null : commandFor(own.kind, pack, wanted.from)
      if (pack === undefined) throw new UpdateFault('UPDATE_NO_PACKAGE')
      newer = { ...newer, file: await fetchPackage(source, pack, folder) }
    } finally {
      await source.close()
    }
  }

  function seenList(): SeenList {
    try {
      const { version, date } = JSON.parse(readFileSync(seenFile, 'utf8')) as SeenList
      return { version: String(version), date: String(date) }
    } catch {
      return { version: '0.0.0', date: '' }
    }
  }

  function remember({ version, date }: SeenList): void {
    const seen = seenList()
    if (seen.version !== version || seen.date !== date) writeFileDurably(seenFile, JSON.stringify({ version, date }), 0o600)
  }

  function stateNow(): UpdateState['state'] {
    if (wanted === undefined) return 'off'
    if (looking) return 'looking'
    if (fault) return 'failed'
    if (newer) return 'newer'
    return lookedAt === undefined ? 'never' : 'current'
  }

  const desk: UpdateDesk = {
    state: () => ({
      state: stateNow(),
      kind: own.kind,
      from: wanted?.from ?? null,
      lookedAt: lookedAt === undefined ? null : new Date(lookedAt).toISOString(),
      lookAt: wanted?.lookAt ?? null,
      newer,
      fault,
      installer: isOpenToUs(requestDir),
      command: newer?.file ? command : null,
      result: lastWords(options.resultFile ?? '/var/lib/maqiao-update/result'),
    }),
    look: () =>
      (looking ??= (async () => {
        try {
          fault = null
          await seek()
        } catch (error) {
          fault = wordsOf(error instanceof UpdateFault ? error.code : 'UPDATE_NOT_STORED')
        }
        lookedAt = now()
        looking = undefined
        log('update.looked', { state: stateNow(), ...(newer ? { version: newer.version } : {}), ...(fault ? { fault: fault.code } : {}) })
        return desk.state()
      })()),
    install(version, { why, who }) {
      if (stateNow() !== 'newer' || newer?.file == null || newer.version !== version) throw new AgentError('UPDATE_NOT_READY')
      if (!isOpenToUs(requestDir)) throw new AgentError('UPDATE_NO_INSTALLER')
      if (now() - (options.lastScanAt() ?? 0) < ATTENDED_MS) throw new AgentError('UPDATE_BUSY')
      options.audit.write(who, 'update.asked', { why, version })
      // The service fetches and checks it anew: what an account of this machine wrote is not what it trusts.
      leaveRequest(join(requestDir, 'install'), version)
    },
    stop: () => clearInterval(timer),
  }
  return desk
}

function isOpenToUs(requestDir: string): boolean {
  try {
    accessSync(requestDir, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A request that lies there is one already; anything else under its name is not written through, and not taken for one. */
function leaveRequest(file: string, version: string): void {
  try {
    writeFileSync(file, `${version}\n`, { flag: 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && lstatSync(file, { throwIfNoEntry: false })?.isFile() !== false) return
    throw new AgentError('UPDATE_NO_INSTALLER')
  }
}

function lastWords(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim().slice(0, 300) || null
  } catch {
    return null
  }
}

/**
 * What an administrator types if no service installs. Never the file that was fetched: the terminal's account may write
 * there, and whatever runs under it could put another program in its place.
 */
function commandFor(kind: string, { name, sha512 }: UpdatePackage, from: string): string | null {
  if (kind === 'deb' || (kind === 'bundle' && process.platform === 'linux')) return 'sudo /usr/lib/maqiao/maqiao-update.sh'
  if (kind !== 'nsis') return null
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  const isWeb = /^https?:/i.test(from)
  const source = isWeb ? `${from.replace(/(?<!\/)\/+$/, '')}/${name}` : `${from.replace(/(?<![\\/])[\\/]+$/, '')}\\${name}`
  const fetch = isWeb ? `Invoke-WebRequest -UseBasicParsing ${quoted(source)} -OutFile $f` : `Copy-Item -LiteralPath ${quoted(source)} $f`
  const digest = Buffer.from(sha512, 'base64').toString('hex').toUpperCase()
  // Program Files: only administrators write there.
  return [
    `$d = Join-Path $env:ProgramFiles 'MaQiao-update'`,
    `New-Item -ItemType Directory -Force $d | Out-Null`,
    `$f = Join-Path $d ${quoted(name)}`,
    fetch,
    `if ((Get-FileHash -Algorithm SHA512 -LiteralPath $f).Hash -eq '${digest}') { Start-Process -Wait $f '/S' } else { Write-Error '校验不符，没有安装' }`,
  ].join('; ') + ' # 在以管理员身份运行的 PowerShell 中执行'
}
