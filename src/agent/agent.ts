/** The agent in plain Node: the only place that knows all the parts and how they are joined. */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cleanText } from '../devices/clean.ts'
import { hidIds, serialIds } from '../devices/device-ids.ts'
import { createHidScanner } from '../devices/hid/hid-scanner.ts'
import { createHub, type Hub } from '../devices/hub.ts'
import { maskCode, personal, type ScannerKind } from '../devices/scan.ts'
import type { Scanner } from '../devices/scanner.ts'
import { createSerialScanner } from '../devices/serial/serial-scanner.ts'
import { keyFileKept, loadSealer } from '../outbox/key-file.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { createOutbox } from '../outbox/create-outbox.ts'
import type { HisResult, Outcome, PlatformId } from '../transcode/outcome.ts'
import { createHttpClient, type HttpClient } from '../transcode/platforms/http.ts'
import type { Site } from '../transcode/platforms/platform.ts'
import { chooseCode, type CodeChoice } from '../transcode/choose-code.ts'
import { createRecogniser, isOneTime } from '../transcode/recognise.ts'
import { createTranscode, takenFormats, type Asking, type TakenFormat } from '../transcode/transcode.ts'
import { createAgeClock, createRetention } from './age-clock.ts'
import { createEventLog, type EventLog } from './event-log.ts'
import { AgentError } from './fault.ts'
import { healthOf, noticesOf, type Health, type Notice } from './health.ts'
import { openInstallationMarker } from './installation-marker.ts'
import { installationSecretKept } from './installation-secret.ts'
import { createLendSerial } from './lend-serial.ts'
import type { Log } from './log.ts'
import { maskOutcome } from './masking.ts'
import { createDispatcher } from './network.ts'
import { createOncePerCode, createRetransmissions } from './once-per-code.ts'
import { offerCall, offersOf, type Offer } from './offers.ts'
import { createOperations, type NamedOperation, type Operations } from './operations.ts'
import { publishOutbox } from './outbox-events.ts'
import { createPlatformMonitor, type PlatformMonitor } from './platform-monitor.ts'
import { createResults, type OwnReport, type Taken } from './results.ts'
import { createScans } from './scans.ts'
import { sendersOf } from './senders.ts'
import { createSendStaffCall } from './send-staff-call.ts'
import { DEFINITIONS, type Settings } from './settings.ts'
import { entryUrls, siteOf } from './site.ts'
import { createStaffCalls, type StaffCalls } from './staff-call.ts'
import { openInstallationState, type StateStore } from './state-store.ts'
import { openAuditLog, type AuditLog } from './technician/audit-log.ts'
import { auditWitness } from './technician/audit-witness.ts'
import { createDoor, type Door } from './technician/door.ts'
import { finishRotation } from './technician/rotation.ts'
import { createRecords, type Records } from './technician/records.ts'

/** Longest text that is taken for a code; a QR code holds 4296 letters at the most. */
export const MAX_TEXT = 4096

export type AgentOptions = {
  settings: Settings
  /** Where the outbox, the outcomes and the key live; made when missing. */
  dataDir: string
  /** The file the settings came from; none in the demo. */
  settingsFile?: string | undefined
  log: Log
  version: string
  now?: () => number
  /** Scanners beside those of the settings: the demo's virtual one, a test's. */
  scanners?: readonly Scanner[]
  http?: HttpClient
}

export type ScreenOutcome = Outcome & { offers: Offer[] }

export type Agent = {
  readonly settings: Settings
  readonly settingsFile: string | undefined
  readonly dataDir: string
  readonly version: string
  /** ms since 1970. */
  readonly startedAt: number
  /** The terminal's own data as requests are filled from it; a screen may change scene and department. */
  readonly site: Site
  readonly events: EventLog
  /** Outcomes before this moment are not shown any more, ms since 1970. */
  notBefore(): number
  readonly monitor: PlatformMonitor
  readonly hub: Hub
  readonly outbox: Outbox
  readonly state: StateStore
  readonly log: Log
  readonly door: Door
  readonly audit: AuditLog
  readonly records: Records
  readonly staffCalls: StaffCalls
  /** Opens the devices, starts sending, listens for platforms that call; rejects where such a port is taken. */
  start(): Promise<void>
  /** Takes a text as a scan that came by `kind`; resolves with its Outcome. Rejects with AgentError (400). */
  scan(text: string, source: { device: string; kind: ScannerKind }, extra?: { name?: string }): Promise<Outcome>
  /** Which of several texts in a camera's view is the patient's; nobody is asked, and nothing is kept. */
  chooseCode(texts: readonly string[]): CodeChoice
  outcome(id: string): Outcome
  /** The outcome as a screen may hold it: masked, with what it may offer the patient. */
  forScreen(outcome: Outcome): ScreenOutcome
  /** Makes the call behind an offer. Rejects with AgentError OFFER_NOT_POSSIBLE or as `call` does. */
  accept(id: string, offer: Offer): Promise<unknown>
  outcomes(after: number, limit: number): Outcome[]
  latestOutcomes(limit: number): Outcome[]
  choose(id: string, targetId: string): Promise<Outcome>
  result(id: string, result: HisResult): Taken
  /** A report of the HIS's own, without a scan here. */
  report(own: OwnReport): Taken
  /** Any interface of the documents by its own name. Rejects with AgentError, RequestFault or PlatformError. */
  call: Operations['call']
  operations(): NamedOperation[]
  setScene(scene: { department?: string; sceneCode?: string; medicalStep?: string }): void
  health(): Health
  /** What this terminal takes, and which platform is asked about it. */
  readonly formats: readonly TakenFormat[]
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
  const sealer = loadSealer(options.dataDir)
  const site = siteOf(settings)
  const configured = DEFINITIONS.filter((definition) => settings.platforms[definition.settingsKey] !== undefined)
  const monitor = createPlatformMonitor({
    all: DEFINITIONS.map((definition) => definition.id),
    configured: configured.map((definition) => definition.id),
    now,
  })
  const http =
    options.http ??
    createHttpClient({
      now,
      dispatcher: createDispatcher(settings.network),
      fresh: createDispatcher(settings.network, { kept: false }),
      onExchange: (exchange) => (monitor.onExchange(exchange), ages.heard(exchange.clockSkewMs)),
    })
  const newId = () => randomBytes(16).toString('hex').toUpperCase()
  const platforms = configured.map((definition) =>
    definition.create(settings.platforms[definition.settingsKey] as Record<string, unknown>, {
      http,
      now,
      newId,
      site,
      log(event, fields) {
        log.info(event, { platform: definition.id, ...fields })
        if (event.endsWith('.token.renewed')) records.tokenRenewed(definition.id, Number(fields?.['expiresInSec']))
      },
      lend: createLendSerial(() => hub, log),
      note: {
        read: () => state.note(definition.id),
        write(text) {
          if (!state.putNote(definition.id, text)) throw new AgentError('NOTE_NOT_KEPT')
        },
      },
    }),
  )
  const isOffered = (id: PlatformId, operation: string) => platforms.some((platform) => platform.id === id && Object.hasOwn(platform.operations, operation))
  const operations = createOperations(platforms)

  const outbox = createOutbox({
    file: join(options.dataDir, 'outbox.db'),
    beside: [keyFileKept(options.dataDir), installationSecretKept(options.dataDir)],
    sealer,
    ...sendersOf(platforms, (id, attempt) => marker.noting(id, attempt)),
    newRequestId: newId,
    now,
    confirmedNow: () => ages.confirmed(),
    ...settings.outbox,
    receiptMs: settings.retention.receiptDays * 24 * 3_600_000,
    log: (event, fields) => log.info(event, fields),
  })
  let opened: ReturnType<typeof openInstallationState>
  try {
    opened = openInstallationState(options.dataDir, sealer, now)
  } catch (error) {
    void outbox.close(0)
    throw error
  }
  const { store: state, setAside, digest } = opened
  const ages = createAgeClock({ wall: now, known: state.keptTime() })
  const marker = openInstallationMarker({ digest, outbox, state, now, log: (event, fields) => log.warn(event, fields) })
  const audit = openAuditLog({ file: join(options.dataDir, 'audit.jsonl'), digest, witness: auditWitness(state), now })
  const door = createDoor({ file: join(options.dataDir, 'technician.json'), audit, now })
  const events = createEventLog({ state, now: ages.now })
  const recognise = createRecogniser({ ...settings.recognition, ...entryUrls(settings) })
  const transcode = createTranscode({
    recognise,
    definitions: DEFINITIONS,
    platforms,
    verifyHealthCardTargets: settings.verifyHealthCardTargets,
  })
  const { notBefore, ...retention } = createRetention({ state, ages, outcomeHours: settings.retention.outcomeHours })
  const records = createRecords({ outbox, events, settings, now })
  const scans = createScans({ transcode, state, events, times: records.times, log, now: ages.now, notBefore })
  const isCode = (text: string) => recognise(text).format !== 'unknown'
  const hub = createHub({
    scanners: [
      ...serialIds(settings.devices.serial).map((named, index) => createSerialScanner({ ...settings.devices.serial[index], named, isCode })),
      ...hidIds(settings.devices.hid).map((named, index) => createHidScanner({ ...settings.devices.hid[index]!, named, isCode })),
      ...(options.scanners ?? []),
    ],
    repeatWithinMs: settings.recognition.repeatWithinMs,
    now,
  })
  const retransmissions = createRetransmissions({ isOneTime: (text) => isOneTime(recognise(text).format), now })
  hub.onScan((scan) => void retransmissions(scan, () => scans.run(scan)).catch((error: unknown) => log.error('scan.failed', { reason: (error as Error).name })))
  hub.onStatus((status) => {
    log.info('device.state', { device: status.id, state: status.state, fault: status.fault?.code })
    events.publish('device', status)
  })
  monitor.onChange(({ id, state, lastFault, clockSkewMs }) => {
    const clockOffSec = clockSkewMs === undefined ? undefined : Math.round(clockSkewMs / 1000)
    log.info('platform.state', { platform: id, state, fault: lastFault, clockOffSec })
  })
  records.watch(hub)
  const screenScans = createOncePerCode({ withinMs: settings.recognition.repeatWithinMs, now })
  const outboxEvents = publishOutbox(outbox, events)
  const results = createResults({ platforms, outbox, state, tradeStates: settings.reports, now, age: ages.now, onHandled: outboxEvents.soon })
  const callSystem = createSendStaffCall(settings.kiosk.staffCall, settings.network)
  const staffCalls = createStaffCalls({
    origin: () => ({ terminalId: site.terminal.id, department: site.terminal.department ?? '' }),
    send: callSystem?.send,
    log: (event, fields) => log.info(event, fields),
  })
  let stopped: Promise<void> | undefined

  async function stop(graceMs: number): Promise<void> {
    const limit = AbortSignal.timeout(graceMs)
    const withinLimit = (work: Promise<unknown>) =>
      Promise.race([work, new Promise((done) => (limit.aborted ? done(undefined) : limit.addEventListener('abort', done)))])
    // At the same time: each has the whole of the grace, and none needs the others; nothing is read any more from here on.
    await Promise.all([withinLimit(hub.stop()), scans.stop(graceMs), outbox.close(graceMs)])
    outboxEvents.stop()
    staffCalls.stop()
    await withinLimit(callSystem?.close() ?? Promise.resolve())
    records.stop()
    await withinLimit(Promise.allSettled(platforms.map((platform) => platform.close?.())))
    await withinLimit(http.close().catch(() => {}))
    audit.close()
    retention.stop()
    marker.close()
    state.close()
    log.info('agent.stopped')
  }

  return {
    settings,
    settingsFile: options.settingsFile,
    dataDir: options.dataDir,
    version,
    startedAt,
    site,
    events,
    notBefore,
    monitor,
    hub,
    outbox,
    state,
    formats: takenFormats({ definitions: DEFINITIONS, platforms, recognition: settings.recognition }),
    log,
    door,
    audit,
    records,
    staffCalls,
    async start() {
      for (const platform of platforms) await platform.serve?.()
      outbox.start()
      hub.start()
      retention.start()
      finishRotation({ directory: options.dataDir, outbox, state }).catch(() => log.warn('rotation.unfinished'))
    },
    async scan(text, source, extra) {
      if (text.length > MAX_TEXT) throw new AgentError('TEXT_TOO_LONG')
      const clean = cleanText(text)
      if (clean.text === '') throw new AgentError('TEXT_EMPTY')
      const scan = personal({ text: clean.text, source, scannedAt: new Date(now()).toISOString() }, maskCode(clean.text))
      // A HIS means every call; a scanner at a screen may send one code twice, as at the hub.
      return source.kind === 'api' ? scans.run(scan, extra) : screenScans(scan, () => scans.run(scan, extra))
    },
    chooseCode: (texts) => chooseCode(texts, recognise),
    outcome: (id) => scans.stored(id).outcome,
    forScreen: (outcome) => ({ ...maskOutcome(outcome), offers: offersOf(outcome, settings.kiosk.cardCode.show, isOffered) }),
    async accept(id, offer) {
      const wanted = offerCall(offer, scans.stored(id).outcome, isOffered)
      if (!wanted) throw new AgentError('OFFER_NOT_POSSIBLE')
      return operations.call(wanted.platform, wanted.operation, wanted.body)
    },
    outcomes: (after, limit) => state.outcomesAfter(after, limit, notBefore()),
    latestOutcomes: (limit) => state.latestOutcomes(limit, notBefore()),
    choose: scans.choose,
    result: (id, result) => results.take(scans.stored(id), result),
    report: results.report,
    call: operations.call,
    operations: operations.list,
    setScene: (scene) => void Object.assign(site.terminal, scene),
    health: () => healthOf({ version, terminalId: settings.terminal.id, startedAt, now: now(), hub, monitor, outbox }),
    notices: () => noticesOf({ outbox, monitor, setAside, filesWereGone: state.filesWereGone(), origin: marker.notice, unstored: state.isUnstored(), certificate: records.certificates.soonest() }),
    onAsking: scans.onAsking,
    stop: (graceMs = 5000) => (stopped ??= stop(graceMs)),
  }
}
