/** How far an installation got, remembered outside its data directory: an older copy of it, or a second one, is noticed at the start. */
import { mkdirSync, readFileSync } from 'node:fs'
import { writeFile, rename } from 'node:fs/promises'
import { homedir, networkInterfaces, platform } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { lockFile } from '../outbox/file-lock.ts'
import type { Attempt, Outbox } from '../outbox/outbox.ts'
import { writeFileDurably } from './durable-file.ts'
import type { Notice } from './health.ts'
import type { StateStore } from './state-store.ts'

/** Between an attempt and its being remembered outside, ms: one write for a burst. */
const SOON_MS = 500
const MOST_ADDRESSES = 32
/** A name that no platform has. */
const NOTE = 'machine'

const kept = z.object({
  /** The newest attempt of a report; each one that an older copy does not know was made after it. */
  attempt: z.object({ id: z.string(), number: z.int() }).nullable(),
  /** The highest number given out. */
  seq: z.int(),
})
type Kept = z.infer<typeof kept>

const machine = z.object({ id: z.string(), addresses: z.array(z.string()) })

export type InstallationMarker = {
  /** What staff are told of where the data comes from; null where all is as it was left. */
  readonly notice: Notice | null
  /** The attempt, whose `begin` leaves its mark once it is on disk. */
  noting(id: string, attempt: Attempt): Attempt
  close(): void
}

const NOTICES = {
  DATA_RESTORED: {
    message: '本机的数据来自较早的备份，或来自另一台机器',
    advice: '备份之后的上报可能已经送达：恢复来的上报等技术人员核对后放行；序号已跳到从未用过的值。',
  },
  INSTALLATION_CLONED: {
    message: '另一个码桥正以同一份数据的副本运行',
    advice: '两个终端不能共用密钥与令牌：请停掉其中一个，在它的机器上用空的数据目录重新安装。',
  },
  MARKER_NOT_KEPT: {
    message: '数据目录之外写不进记号，恢复备份或复制安装时不能自动发现',
    advice: '请信息科给运行账户一个可写的目录，并以环境变量 MAQIAO_MARKER_DIR 指明；恢复备份前先核对待上报的记录。',
  },
} as const

/**
 * Compares the data directory with the mark that its installation left outside it,
 * holds the outbox and raises the numbers where it is a copy, and keeps the mark from now on.
 *
 * The mark is written after what it names is on disk, so that neither kill -9 nor
 * a power cut makes the directory look older than it. Its name comes from the
 * installation's secret: a directory that is moved keeps it.
 *
 * @param options.place the folder of marks; default `MAQIAO_MARKER_DIR`, else the account's own
 */
export function openInstallationMarker(options: {
  digest: (text: string) => string
  outbox: Pick<Outbox, 'status' | 'isBehind' | 'hold'>
  state: Pick<StateStore, 'note' | 'putNote' | 'lastSeq' | 'raiseSeq'>
  now: () => number
  log: (event: string, fields?: Record<string, string>) => void
  place?: string
}): InstallationMarker {
  const { digest, outbox, state, now, place = markerFolder() } = options
  const file = join(place, `${digest('marker').slice(0, 32)}.json`)
  let release: (() => void) | undefined
  let isTwice = false
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 })
    release = lockFile(file)
  } catch (error) {
    isTwice = (error as { code?: string }).code === 'OUTBOX_IN_USE'
  }
  const found = read(file)
  const here = thisMachine(digest)
  const last = recorded(state)
  const isElsewhere = last !== undefined && (areApart(last.addresses, here.addresses) || (!found && last.id !== here.id))
  const isOlder = found !== undefined && outbox.status().setAside === null && ((found.attempt !== null && outbox.isBehind(found.attempt)) || found.seq > state.lastSeq())
  const code = isTwice ? 'INSTALLATION_CLONED' : isElsewhere || isOlder ? 'DATA_RESTORED' : undefined
  if (code) {
    options.log('installation.copied', { code })
    try {
      outbox.hold()
    } catch {
      // A store at fault sends nothing either. The mark stays as it is, for the next start to compare with.
      release?.()
      release = undefined
    }
    // Seconds since 1970 run ahead of any count of scans.
    state.raiseSeq(Math.max(found?.seq ?? 0, state.lastSeq(), Math.floor(now() / 1000)))
  }
  const known = code === 'DATA_RESTORED' ? [] : (last?.addresses ?? [])
  const addresses = [...new Set([...here.addresses, ...known])].slice(0, MOST_ADDRESSES)
  if (!isTwice) state.putNote(NOTE, JSON.stringify({ id: here.id, addresses }))

  let attempt = code === undefined ? (found?.attempt ?? null) : null
  let timer: NodeJS.Timeout | undefined
  const current = (): Kept => ({ attempt, seq: state.lastSeq() })
  let isKept = keepNow()

  function keepNow(): boolean {
    if (!release) return false
    try {
      writeFileDurably(file, JSON.stringify(current()), 0o600)
      return true
    } catch {
      return false
    }
  }


  return {
    get notice() {
      const shown = code ?? (isKept ? undefined : 'MARKER_NOT_KEPT')
      return shown === undefined ? null : { code: shown, ...NOTICES[shown] }
    },
    noting(id, begun) {
      return {
        ...begun,
        begin(...note) {
          const requestId = begun.begin(...note)
          attempt = { id, number: begun.number }
          keepSoon()
          return requestId
        },
      }
    },
    close() {
      clearTimeout(timer)
      keepNow()
      release?.()
      release = undefined
    },
  }

  function keepSoon(): void {
    if (!release) return
    timer ??= setTimeout(() => {
      timer = undefined
      const fresh = `${file}.soon`
      writeFile(fresh, JSON.stringify(current()), { mode: 0o600, flush: true })
        .then(() => (release ? rename(fresh, file) : undefined))
        .then(() => (isKept = true), () => (isKept = false))
    }, SOON_MS).unref()
  }
}

function markerFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['MAQIAO_MARKER_DIR']) return env['MAQIAO_MARKER_DIR']
  if (platform() === 'win32') return join(env['LOCALAPPDATA'] ?? homedir(), 'maqiao-marker')
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Application Support', 'maqiao-marker')
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'maqiao-marker')
}

function read(file: string): Kept | undefined {
  try {
    return kept.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

function recorded(state: Pick<StateStore, 'note'>): z.infer<typeof machine> | undefined {
  const parsed = machine.safeParse(parsedJson(state.note(NOTE) ?? ''))
  return parsed.success ? parsed.data : undefined
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** By digests: what identifies a computer is nobody's business. Virtual adapters, whose address is made up, do not count. */
function thisMachine(digest: (text: string) => string): z.infer<typeof machine> {
  const hardware = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, mac }) => !internal && mac !== '00:00:00:00:00:00' && (Number.parseInt(mac.slice(0, 2), 16) & 2) === 0)
    .map(({ mac }) => digest(`address ${mac}`).slice(0, 16))
  return { id: digest(`machine ${machineId()}`).slice(0, 16), addresses: [...new Set(hardware)] }
}

function machineId(): string {
  for (const file of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
    try {
      return readFileSync(file, 'utf8').trim()
    } catch {
      // Not on this system.
    }
  }
  return ''
}

function areApart(some: readonly string[], others: readonly string[]): boolean {
  return some.length > 0 && others.length > 0 && !some.some((each) => others.includes(each))
}
