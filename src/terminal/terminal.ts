/** A whole terminal without a host: settings, agent, API and screens, as Node and Electron both start it. */
import { join } from 'node:path'
import type { Agent } from '../agent/agent.ts'
import { createAgent } from '../agent/create-agent.ts'
import { closeToOthers } from '../agent/file-rights.ts'
import { createLog, type Log } from '../agent/log.ts'
import { readSettings } from '../agent/settings-file.ts'
import { TICKET_MS } from '../api/access.ts'
import { startApi } from '../api/server.ts'
import type { Scanner } from '../devices/scanner.ts'
import { defaultDataDir, makeDataDir } from './data-dir.ts'
import { startDemo } from './demo.ts'
import { tellRunning } from './running-file.ts'
import { keptSecret, renewSecret, SESSION_KEY_FILE, TOKEN_FILE } from './kept-secret.ts'

/** How long the start waits for devices to open. */
const DEVICES_MS = 500
/** Of the 5 s that a stop may take: the rest is for cutting off what has not ended, and for closing files. */
const GRACE_MS = 4400

export type TerminalOptions = {
  /** The settings file; without it the demo runs. */
  config?: string | undefined
  dataDir?: string | undefined
  /** The built screens. */
  screensDir?: string | undefined
  version: string
  /** What shows the screens, for the screens themselves. */
  host: 'electron' | 'browser' | 'none'
  /** Ends the terminal, where a technician may do so at the screen. */
  onLeave?: (() => void) | undefined
  /** Scanners beside those of the settings. */
  scanners?: readonly Scanner[]
  /** Port of the local API instead of the settings' one; 0 takes a free one. */
  port?: number | undefined
  /** Where log lines go instead of standard error. */
  writeLog?: (line: string) => void
}

export type Terminal = {
  readonly ready: { api: string; ui: string }
  readonly mode: 'window' | 'kiosk'
  readonly dataDir: string
  readonly agent: Agent
  readonly log: Log
  /** An address that opens the screens once within a minute. */
  newUiUrl(): string
  /** For a browser that the terminal runs itself: its sessions last an hour, renewed by the page, and no longer than its process. */
  readonly hosted: {
    /** An address that opens the screens once within a minute. */
    newUrl(): string
    /** The browser's process has ended. */
    endRun(): void
  }
  /** Stops reading devices, finishes what is in flight within 5 s, closes the outbox. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Starts a terminal. Rejects with SettingsError, OutboxError (data directory) or
 * the system's error (EADDRINUSE, EACCES …); nothing is left running then.
 */
export async function startTerminal(options: TerminalOptions): Promise<Terminal> {
  // SQLite's side files and a browser's profile take their rights from here.
  process.umask(0o077)
  const dataDir = options.dataDir ?? defaultDataDir(options.config === undefined)
  const configured = options.config === undefined ? undefined : readSettings(options.config, dataDir)
  makeDataDir(dataDir)
  // Before the first key is written into it.
  const leftOpen = await closeToOthers(dataDir)
  const demo = configured === undefined ? await startDemo() : undefined
  const settings = configured ?? (demo as NonNullable<typeof demo>).settings
  const log = createLog({
    level: settings.log.level,
    ...(settings.log.file ? { directory: join(dataDir, 'logs') } : {}),
    maxFileBytes: settings.log.maxFileBytes,
    files: settings.log.files,
    ...(options.writeLog ? { write: options.writeLog } : {}),
  })
  for (const { name, rights } of leftOpen) log.warn('data-dir.open', { path: name, why: rights.words })
  let agent: Agent | undefined
  let api: Awaited<ReturnType<typeof startApi>> | undefined
  try {
    agent = createAgent({
      settings,
      dataDir,
      settingsFile: options.config,
      log,
      version: options.version,
      scanners: [...(demo?.scanners ?? []), ...(options.scanners ?? [])],
    })
    const served = (api = await startApi({
      agent,
      token: settings.api.token?.reveal() ?? keptSecret(dataDir, TOKEN_FILE),
      renewToken: settings.api.token === undefined ? () => renewSecret(dataDir, TOKEN_FILE) : undefined,
      sessionKey: Buffer.from(keptSecret(dataDir, SESSION_KEY_FILE)),
      screensDir: options.screensDir,
      host: options.host,
      rehearsal: demo?.rehearsal,
      port: options.port,
      onLeave: options.onLeave,
    }))
    await agent.start()
    await setFirstPin(agent, log)
    await devicesSettled(agent)
    log.info('terminal.started', { version: options.version, host: options.host, demo: demo !== undefined, node: process.versions.node })
    const tellStopped = tellRunning(dataDir, { pid: process.pid, version: options.version, api: served.origin })
    let stopped: Promise<void> | undefined
    const running = agent
    return {
      ready: { api: served.origin, ui: served.uiUrl() },
      mode: settings.terminal.mode,
      dataDir,
      agent: running,
      log,
      newUiUrl: () => served.uiUrl(TICKET_MS),
      hosted: { newUrl: () => served.hostedUrl(TICKET_MS), endRun: () => served.endHostedRun() },
      stop: () =>
        (stopped ??= (async () => {
          tellStopped()
          await running.stop(GRACE_MS)
          await served.close()
          await demo?.close()
          log.close()
        })()),
    }
  } catch (error) {
    await agent?.stop(0)
    await api?.close()
    await demo?.close()
    log.close()
    throw error
  }
}

/** The technicians' PIN of a new installation: an environment variable or, in Electron, a secret of the key store. */
export const FIRST_PIN = 'MAQIAO_TECHNICIAN_PIN'

/** Else whoever comes to a kiosk first could set it. One that is set already stands. */
async function setFirstPin({ door }: Agent, log: Log): Promise<void> {
  const pin = process.env[FIRST_PIN]
  if (pin === undefined || door.state().pinSet) return
  await door.setPin(pin).catch((error: unknown) => log.warn('door.first-pin-refused', { code: (error as { code?: string }).code ?? 'UNKNOWN' }))
}

/** Ready means that a code shown now is read: a port that is there opens in some milliseconds; one that is not is not waited for. */
function devicesSettled(agent: Agent): Promise<void> {
  const settled = () => agent.hub.status().every((device) => device.state !== 'opening')
  if (settled()) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(limit)
      stop()
      resolve()
    }
    const limit = setTimeout(done, DEVICES_MS)
    const stop = agent.hub.onStatus(() => settled() && done())
  })
}
