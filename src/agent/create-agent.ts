/** The agent in plain Node: the only place that knows all the parts and how they are joined. */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cleanText } from '../devices/clean.ts'
import { hidIds, serialIds } from '../devices/device-ids.ts'
import { createHidScanner } from '../devices/hid/hid-scanner.ts'
import { createHub } from '../devices/hub.ts'
import { maskCode, personal } from '../devices/scan.ts'
import { createSerialScanner } from '../devices/serial/serial-scanner.ts'
import { keyFileKept, loadSealer } from '../outbox/key-file.ts'
import { createOutbox } from '../outbox/create-outbox.ts'
import type { PlatformId } from '../transcode/outcome.ts'
import { createHttpClient } from '../transcode/platforms/http.ts'
import { chooseCode } from '../transcode/choose-code.ts'
import { createRecogniser, isOneTime } from '../transcode/recognise.ts'
import { createTranscode, takenFormats } from '../transcode/transcode.ts'
import { createAgeClock, createRetention } from './age-clock.ts'
import { createEventLog } from './event-log.ts'
import { AgentError } from './fault.ts'
import { healthOf, noticesOf } from './health.ts'
import { openInstallationMarker } from './installation-marker.ts'
import { installationSecretKept } from './installation-secret.ts'
import { createLendSerial } from './lend-serial.ts'
import { maskOutcome } from './masking.ts'
import { createDispatcher } from './network.ts'
import { createOncePerCode, createRetransmissions } from './once-per-code.ts'
import { offerCall, offersOf } from './offers.ts'
import { createOperations } from './operations.ts'
import { publishOutbox } from './outbox-events.ts'
import { createPlatformMonitor } from './platform-monitor.ts'
import { createResults } from './results.ts'
import { createScans } from './scans.ts'
import { sendersOf } from './senders.ts'
import { createSendStaffCall } from './send-staff-call.ts'
import { DEFINITIONS } from './settings.ts'
import { entryUrls, siteOf } from './site.ts'
import { createStaffCalls } from './staff-call.ts'
import { openInstallationState } from './state-store.ts'
import { openAuditLog } from './technician/audit-log.ts'
import { auditWitness } from './technician/audit-witness.ts'
import { createDoor } from './technician/door.ts'
import { finishRotation } from './technician/rotation.ts'
import { createRecords } from './technician/records.ts'
import { MAX_TEXT, type AgentOptions, type Agent } from './agent.ts'

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
