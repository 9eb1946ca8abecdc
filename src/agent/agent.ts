/** The agent in plain Node: the only place that knows all the parts and how they are joined. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cleanText } from '../devices/clean.ts'
import { createHidScanner } from '../devices/hid/hid-scanner.ts'
import { createHub, type Hub } from '../devices/hub.ts'
import type { Scan, ScannerKind } from '../devices/scan.ts'
import type { DeviceStatus, Scanner } from '../devices/scanner.ts'
import { createSerialScanner } from '../devices/serial/serial-scanner.ts'
import { loadKey } from '../outbox/key-file.ts'
import type { Outbox, OutboxStatus } from '../outbox/outbox.ts'
import { createOutbox } from '../outbox/create-outbox.ts'
import { createSealer } from '../outbox/sealer.ts'
import type { HisResult, Outcome } from '../transcode/outcome.ts'
import { createHttpClient, type HttpClient } from '../transcode/platforms/http.ts'
import type { Platform, Site } from '../transcode/platforms/platform.ts'
import { createRecogniser } from '../transcode/recognise.ts'
import { createTranscode, type Asking } from '../transcode/transcode.ts'
import { createEventLog, type EventLog } from './event-log.ts'
import { AgentError } from './fault.ts'
import type { Log } from './log.ts'
import { createDispatcher } from './network.ts'
import { createPlatformMonitor, type PlatformMonitor, type PlatformStatus } from './platform-monitor.ts'
import { createTakeResult } from './results.ts'
import { DEFINITIONS, type Settings } from './settings.ts'
import { openStateStore, type StateStore, type StoredOutcome } from './state-store.ts'
import { openAuditLog, type AuditLog } from './technician/audit-log.ts'
import { createDoor, type Door } from './technician/door.ts'

/** Longest text that is taken for a code; a QR code holds 4296 letters at the most. */
export const MAX_TEXT = 4096
const EXPIRE_EVERY_MS = 60_000

export type AgentOptions = {
  settings: Settings
  /** Where the outbox, the outcomes and the key live; made when missing. */
  dataDir: string
  log: Log
  version: string
  now?: () => number
  /** Scanners beside those of the settings: the demo's virtual one, a test's. */
  scanners?: readonly Scanner[]
  http?: HttpClient
}

/** What is wrong with the terminal as a whole, for every screen. */
export type Notice = { code: string; message: string; advice: string }

export type Health = {
  status: 'ok' | 'degraded'
  version: string
  terminalId: string
  uptimeSec: number
  devices: Pick<DeviceStatus, 'id' | 'kind' | 'state'>[]
  platforms: Pick<PlatformStatus, 'id' | 'state'>[]
  outbox: { pending: number; dead: number }
}

export type Agent = {
  readonly settings: Settings
  readonly version: string
  /** The terminal's own data as requests are filled from it; a screen may change scene and department. */
  readonly site: Site
  readonly events: EventLog
  readonly monitor: PlatformMonitor
  readonly hub: Hub
  readonly outbox: Outbox
  readonly state: StateStore
  readonly log: Log
  readonly door: Door
  readonly audit: AuditLog
  /** Opens the devices, starts sending, listens for platforms that call; rejects where such a port is taken. */
  start(): Promise<void>
  /** Takes a text as a scan that came by `kind`; resolves with its Outcome. Rejects with AgentError (400). */
  scan(text: string, source: { device: string; kind: ScannerKind }, extra?: { name?: string }): Promise<Outcome>
  outcome(id: string): Outcome
  outcomes(after: number, limit: number): Outcome[]
  latestOutcomes(limit: number): Outcome[]
  choose(id: string, targetId: string): Outcome
  result(id: string, result: HisResult): string[]
  /** Any interface of the documents by its own name. Rejects with AgentError, RequestFault or PlatformError. */
  call(platform: string, operation: string, body: unknown, signal?: AbortSignal): Promise<unknown>
  operations(): { platform: string; operation: string; title: string; source: string; definition: Platform['operations'][string] }[]
  setScene(scene: { department?: string; sceneCode?: string; medicalStep?: string }): void
  health(): Health
  notices(): Notice[]
  /** Told what is being asked for a scan that is under way; for screens only. */
  onAsking(listener: (scanId: string, asking: Asking) => void): () => void
  /** Stops reading devices, finishes what is in flight (at most `graceMs`, default 5000), closes the files. */
  stop(graceMs?: number): Promise<void>
}

/** Builds the agent; nothing runs before `start`. Throws OutboxError where the data directory cannot be used. */
export function createAgent(options: AgentOptions): Agent {
  const { settings, log, version } = options
  const now = options.now ?? Date.now
  const startedAt = now()
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  const sealer = createSealer(loadKey(options.dataDir))
  const site = siteOf(settings)
  const configured = DEFINITIONS.filter((definition) => settings.platforms[definition.settingsKey] !== undefined)
  const monitor = createPlatformMonitor({
    all: DEFINITIONS.map((definition) => definition.id),
    configured: configured.map((definition) => definition.id),
    now,
  })
  const http =
    options.http ??
    createHttpClient({ now, dispatcher: createDispatcher(settings.network), onExchange: (exchange) => monitor.onExchange(exchange) })
  const newId = () => randomBytes(16).toString('hex').toUpperCase()
  const platforms = configured.map((definition) =>
    definition.create(settings.platforms[definition.settingsKey] as Record<string, unknown>, {
      http,
      now,
      newId,
      site,
      log: (event, fields) => log.info(event, { platform: definition.id, ...fields }),
    }),
  )
  const platformOf = (kind: string) => platforms.find((platform) => kind.startsWith(`${platform.id}/`))

  const outbox = createOutbox({
    file: join(options.dataDir, 'outbox.db'),
    sealer,
    canSend: (kind) => platformOf(kind)?.deliver !== undefined,
    send: (report, attempt, signal) => {
      const deliver = platformOf(report.kind)?.deliver
      if (!deliver) throw new Error(`no sender for ${report.kind}`)
      return deliver({ kind: report.kind, payload: report.payload }, attempt, { signal })
    },
    newRequestId: newId,
    now,
    ...settings.outbox,
    log: (event, fields) => log.info(event, fields),
  })
  let opened: ReturnType<typeof openStateStore>
  try {
    opened = openStateStore({ file: join(options.dataDir, 'state.db'), sealer, now })
  } catch (error) {
    void outbox.close(0)
    throw error
  }
  const { store: state, setAside } = opened
  const audit = openAuditLog({ file: join(options.dataDir, 'audit.jsonl'), digest: (text) => sealer.digest(text), now })
  const door = createDoor({ file: join(options.dataDir, 'technician.json'), audit, now })
  const events = createEventLog({ state, now })
  const recognise = createRecogniser({ ...settings.recognition, ...entryUrls(settings) })
  const transcode = createTranscode({
    recognise,
    definitions: DEFINITIONS,
    platforms,
    verifyHealthCardTargets: settings.verifyHealthCardTargets,
  })
  const takeResult = createTakeResult({ platforms, outbox, state, now })
  const askingListeners = new Set<(scanId: string, asking: Asking) => void>()
  const inFlight = new Set<Promise<unknown>>()
  const stopping = new AbortController()
  const hub = createHub({
    scanners: [
      ...settings.devices.serial.map((device) => createSerialScanner(device)),
      ...settings.devices.hid.map((device) => createHidScanner(device)),
      ...(options.scanners ?? []),
    ],
    repeatWithinMs: settings.recognition.repeatWithinMs,
    now,
  })
  hub.onScan((scan) => void run(scan).catch((error: unknown) => log.error('scan.failed', { reason: String((error as Error).name) })))
  hub.onStatus((status) => {
    log.info('device.state', { device: status.id, state: status.state, fault: status.fault?.code })
    events.publish('device', status)
  })
  const stopOutboxEvents = publishOutbox()
  let expiry: NodeJS.Timeout | undefined
  let stopped: Promise<void> | undefined
  const notBefore = () => now() - settings.retention.outcomeHours * 3_600_000

  /** A scan to its end: asked, numbered, kept, published. */
  async function run(scan: Scan, extra: { name?: string } = {}): Promise<Outcome> {
    if (stopping.signal.aborted) throw new AgentError('STOPPING')
    const id = randomUUID()
    const begun = performance.now()
    const work = (async () => {
      const ending = await transcode(scan, {
        signal: stopping.signal,
        onAsking: (asking) => askingListeners.forEach((listener) => listener(id, asking)),
      })
      const { kept, format, patient, ...rest } = ending
      const whole = extra.name && format === 'identity-number' ? { ...patient, name: extra.name } : patient
      const outcome: Outcome = {
        id,
        seq: 0,
        scannedAt: scan.scannedAt,
        elapsedMs: Math.round((performance.now() - begun) * 10) / 10,
        source: scan.source,
        code: { format },
        ...rest,
        ...(whole ? { patient: whole } : {}),
        reports: [],
      }
      return publish({ outcome, kept })
    })()
    inFlight.add(work)
    try {
      return await work
    } finally {
      inFlight.delete(work)
    }
  }

  function publish(stored: StoredOutcome): Outcome {
    const { outcome } = state.putOutcome(stored, now())
    log.info('scan.ended', {
      id: outcome.id,
      seq: outcome.seq,
      device: outcome.source.device,
      format: outcome.code.format,
      status: outcome.status,
      code: outcome.error?.code,
      targets: outcome.targets.length,
      failures: outcome.failures.length,
      ms: outcome.elapsedMs,
    })
    events.publish('outcome', outcome)
    return outcome
  }

  function stored(id: string): StoredOutcome {
    const found = state.outcome(id, notBefore())
    if (found === 'unknown') throw new AgentError('OUTCOME_UNKNOWN')
    if (found === 'expired') throw new AgentError('OUTCOME_EXPIRED')
    return found
  }

  /** Many changes in a burst become one event: the counts are what matters. */
  function publishOutbox(): () => void {
    let timer: NodeJS.Timeout | undefined
    const stop = outbox.onChange(() => {
      timer ??= setTimeout(() => {
        timer = undefined
        events.publish('outbox', outboxSummary(outbox.status()))
      }, 50)
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }

  async function stop(graceMs: number): Promise<void> {
    clearInterval(expiry)
    const deadline = new Promise<void>((done) => setTimeout(done, graceMs).unref())
    await Promise.race([hub.stop(), deadline])
    await Promise.race([Promise.allSettled([...inFlight]), deadline])
    stopping.abort()
    await Promise.allSettled([...inFlight])
    stopOutboxEvents()
    await outbox.close(graceMs)
    await Promise.race([Promise.allSettled(platforms.map((platform) => platform.close?.())), deadline])
    await http.close().catch(() => {})
    state.close()
    audit.close()
    log.info('agent.stopped')
  }

  return {
    settings,
    version,
    site,
    events,
    monitor,
    hub,
    outbox,
    state,
    log,
    door,
    audit,
    async start() {
      for (const platform of platforms) await platform.serve?.()
      outbox.start()
      hub.start()
      state.expire(notBefore())
      expiry = setInterval(() => state.expire(notBefore()), EXPIRE_EVERY_MS)
      expiry.unref()
    },
    async scan(text, source, extra) {
      if (text.length > MAX_TEXT) throw new AgentError('TEXT_TOO_LONG')
      const clean = cleanText(text)
      if (clean.text === '') throw new AgentError('TEXT_EMPTY')
      return run({ text: clean.text, source, scannedAt: new Date(now()).toISOString() }, extra)
    },
    outcome: (id) => stored(id).outcome,
    outcomes: (after, limit) => state.outcomesAfter(after, limit, notBefore()),
    latestOutcomes: (limit) => state.latestOutcomes(limit, notBefore()),
    choose(id, targetId) {
      const { outcome, kept } = stored(id)
      if (outcome.status !== 'choose') throw new AgentError('OUTCOME_NOT_CHOOSE')
      const target = outcome.targets.find((candidate, index) => candidate.id === targetId || targetId === `#${index + 1}`)
      if (!target) throw new AgentError('TARGET_UNKNOWN')
      return publish({ outcome: { ...outcome, status: 'accepted', targets: [target] }, kept })
    },
    result: (id, result) => takeResult(stored(id), result),
    async call(platformId, operationName, body, signal) {
      const definition = DEFINITIONS.find((candidate) => candidate.id === platformId)
      if (!definition) throw new AgentError('PLATFORM_UNKNOWN')
      const platform = platforms.find((candidate) => candidate.id === platformId)
      if (!platform) throw new AgentError('PLATFORM_NOT_CONFIGURED')
      const operation = Object.hasOwn(platform.operations, operationName) ? platform.operations[operationName] : undefined
      if (!operation) throw new AgentError('OPERATION_UNKNOWN')
      return operation.call(body as never, signal ? { signal } : {})
    },
    operations: () =>
      platforms.flatMap((platform) =>
        Object.entries(platform.operations).map(([operation, definition]) => ({
          platform: platform.id,
          operation,
          title: definition.title,
          source: definition.source,
          definition,
        })),
      ),
    setScene(scene) {
      Object.assign(site.terminal, scene)
    },
    health() {
      const { pending, dead, fault } = outbox.status()
      const devices = hub.status().map(({ id, kind, state: deviceState }) => ({ id, kind, state: deviceState }))
      const platformStates = monitor.statuses().map(({ id, state: platformState }) => ({ id, state: platformState }))
      const degraded =
        fault !== null ||
        devices.some((device) => device.state !== 'open' && device.state !== 'lent') ||
        platformStates.some((platform) => platform.state === 'failing')
      return {
        status: degraded ? 'degraded' : 'ok',
        version,
        terminalId: settings.terminal.id,
        uptimeSec: Math.max(0, Math.round((now() - startedAt) / 1000)),
        devices,
        platforms: platformStates,
        outbox: { pending, dead },
      }
    },
    notices() {
      const { fault, setAside: damagedOutbox } = outbox.status()
      const clock = monitor.clockNotice()
      const damaged = damagedOutbox ?? setAside
      return [
        ...(fault ? [fault] : []),
        ...(damaged ? [{ code: 'DATA_SET_ASIDE', message: '数据库曾损坏，已另存并新建', advice: '请信息科保留数据目录中带 damaged 的文件，并导出诊断包。' }] : []),
        ...(clock ? [clock] : []),
      ]
    },
    onAsking(listener) {
      askingListeners.add(listener)
      return () => askingListeners.delete(listener)
    },
    stop: (graceMs = 5000) => (stopped ??= stop(graceMs)),
  }
}

/** What the outbox's event and the screens show. */
export function outboxSummary(status: OutboxStatus): { pending: number; dead: number; fault: OutboxStatus['fault']; lanes: OutboxStatus['lanes'] } {
  return { pending: status.pending, dead: status.dead, fault: status.fault, lanes: status.lanes }
}

function siteOf(settings: Settings): Site {
  const { terminal, hospital } = settings
  return {
    terminal: {
      id: terminal.id,
      mode: terminal.mode,
      cityNo: terminal.cityNo ?? '',
      medicalStep: terminal.medicalStep,
      channel: terminal.channel,
      ...(terminal.sceneCode === undefined ? {} : { sceneCode: terminal.sceneCode }),
      ...(terminal.department === undefined ? {} : { department: terminal.department }),
    },
    ...(hospital
      ? {
          hospital: {
            id: hospital.id ?? '',
            code: hospital.code ?? '',
            name: hospital.name ?? '',
            cityCode: hospital.cityCode ?? '',
            cityName: hospital.cityName ?? '',
            ...(hospital.insuranceCode === undefined ? {} : { insuranceCode: hospital.insuranceCode }),
          },
        }
      : {}),
  }
}

/** 粤健通's code may be a link that only the settings know. */
function entryUrls(settings: Settings): { yuejiantongEntryUrl?: string } {
  const section = settings.platforms['yuejiantong'] as { entryUrl?: string } | undefined
  return section?.entryUrl ? { yuejiantongEntryUrl: section.entryUrl } : {}
}
