/** Looks for newer versions at a quiet hour, fetches and checks them, and hands them to the installer when a technician says so. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AgentError } from '../fault.ts'
import type { Settings } from '../settings.ts'
import { isNewer, isSigned, LIST_NAME, ownPackage, readUpdateList, SIGNATURE_NAME, type UpdatePackage } from './update-list.ts'
import { openUpdateSource } from './update-source.ts'

/** Why there is no newer version to be had: code -> message, advice. */
const FAULTS = {
  UPDATE_UNREACHABLE: ['读不到更新清单', '请核对设置 update.from，并请信息科检查文件服务器上该目录是否有 maqiao-update.txt 与 .sig。'],
  UPDATE_UNSIGNED: ['更新清单的签名不对，没有采用', '清单或文件被改动，或设置 update.publicKey 不是制作者的公钥：请向提供安装包的人核实。'],
  UPDATE_LIST: ['更新清单不完整', '请重新用 npm run sign-update 生成清单，再放到文件服务器。'],
  UPDATE_NO_PACKAGE: ['有新版本，但没有适合本机的安装包', '请把本机系统的安装包也放进该目录，重新生成清单。'],
  UPDATE_DAMAGED: ['安装包与清单不符，已丢弃', '文件没有传完或被改动：请重新复制安装包到文件服务器。'],
  UPDATE_NOT_STORED: ['安装包存不下来', '请检查数据目录的磁盘空间与权限。'],
} as const
type FaultCode = keyof typeof FAULTS

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
  /** Asks the service to install what was fetched. Throws AgentError UPDATE_NOT_READY, UPDATE_NO_INSTALLER, UPDATE_BUSY. */
  install(version: string): void
  stop(): void
}

const TICK_MS = 60_000
const DAY_MS = 24 * 3_600_000
/** So long without a scan is a quiet time; half a minute is enough for somebody who stands there. */
const QUIET_MS = 10 * 60_000
const ATTENDED_MS = 30_000

class UpdateFault extends Error {
  readonly code: FaultCode
  constructor(code: FaultCode) {
    super(code)
    this.code = code
  }
}

/** @param lastScanAt ms, undefined where nothing was scanned lately */
export function createUpdateDesk(options: {
  settings: Pick<Settings, 'update' | 'network'>
  dataDir: string
  version: string
  startedAt: number
  lastScanAt: () => number | undefined
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
  let state: UpdateState['state'] = wanted === undefined ? 'off' : 'never'
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
    return quietFor() >= QUIET_MS && (lookedAt ?? 0) < last
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
        state = 'current'
        await rm(folder, { recursive: true, force: true })
        return
      }
      const pack = found.packages.find(({ system, kind }) => system === own.system && kind === own.kind)
      const { version, date, notes } = found
      newer = { version, date, notes, name: pack?.name ?? '', bytes: pack?.bytes ?? 0, file: null }
      if (pack === undefined) throw new UpdateFault('UPDATE_NO_PACKAGE')
      newer = { ...newer, file: await fetchPackage(source, pack) }
      state = 'newer'
    } finally {
      await source.close()
    }
  }

  async function fetchPackage(source: ReturnType<typeof openUpdateSource>, { name, bytes, sha512 }: UpdatePackage): Promise<string> {
    const file = join(folder, name)
    if (await isWhole(file, sha512)) return file
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => {
      throw new UpdateFault('UPDATE_NOT_STORED')
    })
    for (const old of await readdir(folder)) await rm(join(folder, old), { force: true })
    const digest = createHash('sha512')
    let size = 0
    const measure = new Transform({
      transform(part: Buffer, _encoding, done) {
        digest.update(part)
        size += part.length
        done(size > bytes ? new UpdateFault('UPDATE_DAMAGED') : null, part)
      },
    })
    const from = await source.open(name).catch(() => {
      throw new UpdateFault('UPDATE_DAMAGED')
    })
    await pipeline(from, measure, createWriteStream(`${file}.part`, { mode: 0o600 })).catch((error: unknown) => {
      const { code, syscall } = error as NodeJS.ErrnoException
      throw new UpdateFault(code === 'ENOSPC' || (syscall === 'open' && code !== 'ENOENT') ? 'UPDATE_NOT_STORED' : 'UPDATE_DAMAGED')
    })
    if (size !== bytes || digest.digest('base64') !== sha512) {
      await rm(`${file}.part`, { force: true })
      throw new UpdateFault('UPDATE_DAMAGED')
    }
    await rename(`${file}.part`, file)
    return file
  }

  const desk: UpdateDesk = {
    state: () => ({
      state,
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
        if (wanted !== undefined) state = 'looking'
        try {
          fault = null
          await seek()
        } catch (error) {
          const code = error instanceof UpdateFault ? error.code : 'UPDATE_NOT_STORED'
          fault = { code, message: FAULTS[code][0], advice: FAULTS[code][1] }
          state = 'failed'
        }
        lookedAt = now()
        log('update.looked', { state, ...(newer ? { version: newer.version } : {}), ...(fault ? { fault: fault.code } : {}) })
        looking = undefined
        return desk.state()
      })()),
    install(version) {
      if (state !== 'newer' || newer?.file == null || newer.version !== version) throw new AgentError('UPDATE_NOT_READY')
      if (!existsSync(requestDir)) throw new AgentError('UPDATE_NO_INSTALLER')
      if (now() - (options.lastScanAt() ?? 0) < ATTENDED_MS) throw new AgentError('UPDATE_BUSY')
      // The service fetches and checks it anew: what an account of this machine wrote is not what it trusts.
      writeFileSync(join(requestDir, 'install'), `${version}\n`)
    },
    stop: () => clearInterval(timer),
  }
  return desk
}

/** By its digest, not its size: an administrator is told to install what lies there. */
async function isWhole(file: string, sha512: string): Promise<boolean> {
  const digest = createHash('sha512')
  try {
    await pipeline(createReadStream(file), digest)
  } catch {
    return false
  }
  return digest.digest('base64') === sha512
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
