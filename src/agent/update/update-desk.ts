/** Looks for newer versions at a quiet hour, fetches and checks them, and hands them to the installer when a technician says so. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AgentError } from '../fault.ts'
import type { Settings } from '../settings.ts'
import type { AuditLog } from '../technician/audit-log.ts'
import { fetchPackage } from './fetch-package.ts'
import { UpdateFault, wordsOf } from './update-fault.ts'
import { isNewer, isSigned, LIST_NAME, ownPackage, readUpdateList, SIGNATURE_NAME } from './update-list.ts'
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
      if (!isNewer(found.version, installed)) {
        newer = null
        await rm(folder, { recursive: true, force: true })
        return
      }
      const pack = found.packages.find(({ system, kind }) => system === own.system && kind === own.kind)
      const { version, date, notes } = found
      newer = { version, date, notes, name: pack?.name ?? '', bytes: pack?.bytes ?? 0, file: null }
      if (pack === undefined) throw new UpdateFault('UPDATE_NO_PACKAGE')
      newer = { ...newer, file: await fetchPackage(source, pack, folder) }
    } finally {
      await source.close()
    }
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
      installer: existsSync(requestDir),
      command: newer?.file ? commandFor(own.kind, newer.file) : null,
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
      if (!existsSync(requestDir)) throw new AgentError('UPDATE_NO_INSTALLER')
      if (now() - (options.lastScanAt() ?? 0) < ATTENDED_MS) throw new AgentError('UPDATE_BUSY')
      options.audit.write(who, 'update.asked', { why, version })
      // The service fetches and checks it anew: what an account of this machine wrote is not what it trusts.
      leaveRequest(join(requestDir, 'install'), version)
    },
    stop: () => clearInterval(timer),
  }
  return desk
}

/** Any account may write there: nothing that lies under the name is written through, and a request that does is one already. */
function leaveRequest(file: string, version: string): void {
  try {
    writeFileSync(file, `${version}\n`, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function lastWords(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim().slice(0, 300) || null
  } catch {
    return null
  }
}

/** What an administrator types where no service installs. */
function commandFor(kind: string, file: string): string | null {
  if (kind === 'nsis') return `"${file}" /S`
  if (kind === 'deb') return `sudo dpkg -i '${file}'`
  return kind === 'bundle' && process.platform === 'linux' ? 'sudo /usr/lib/maqiao/maqiao-update.sh' : null
}
