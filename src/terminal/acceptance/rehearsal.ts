/** A terminal of its own on played platforms: where troubles can be ordered, and screens pictured, without a real patient. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../../agent/settings.ts'
import { createSimulator, type Simulator } from '../../simulator/simulator.ts'
import type { Outcome } from '../../transcode/outcome.ts'
import { startTerminal, type Terminal } from '../terminal.ts'

export type Rehearsal = {
  readonly simulator: Simulator
  readonly terminal: Terminal
  /** Takes a sample code, or with `text` any text, as a HIS gives it: each time anew. */
  scan(sampleId: string): Promise<Outcome>
  scanText(text: string): Promise<Outcome>
  /** Takes a sample code as the scanner at the screens gives it. */
  show(sampleId: string): Promise<Outcome>
  close(): Promise<void>
}

/** Starts both in `directory`, with the kiosk as the settings have it. Rejects as `startTerminal` does. */
export async function startRehearsal(options: { kiosk: Settings['kiosk']; directory: string; screensDir: string; version: string }): Promise<Rehearsal> {
  const simulator = createSimulator()
  await simulator.listen(0)
  const { cardCode, cardMarkFile, helpPlace } = options.kiosk
  const { terminal: own, ...settings } = simulator.settings()
  settings.platforms.healthCard.requestTimeoutMs = 3000
  const config = join(options.directory, 'rehearsal.json')
  const kiosk = { cardCode, helpPlace, ...(cardMarkFile === undefined ? {} : { cardMarkFile }) }
  writeFileSync(config, JSON.stringify({ ...settings, terminal: { ...own, mode: 'kiosk' }, kiosk }), { mode: 0o600 })
  try {
    const terminal = await startTerminal({
      config, dataDir: join(options.directory, 'rehearsal'), screensDir: options.screensDir, version: options.version, host: 'none', port: 0, writeLog: () => {},
    })
    const take = (text: string, kind: 'api' | 'serial') => terminal.agent.scan(text, { device: `${kind}:acceptance`, kind })
    const sample = (sampleId: string) => simulator.samples().find(({ id }) => id === sampleId)?.text() ?? ''
    return {
      simulator,
      terminal,
      scan: (sampleId) => take(sample(sampleId), 'api'),
      scanText: (text) => take(text, 'api'),
      show: (sampleId) => take(sample(sampleId), 'serial'),
      async close() {
        await terminal.stop()
        await simulator.close()
      },
    }
  } catch (error) {
    await simulator.close()
    throw error
  }
}
