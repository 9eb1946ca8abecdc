/** The demo: played platforms on loopback, a virtual scanner, and the tray that rehearses with them. */
import { parseSettings } from '../agent/settings-file.ts'
import type { Settings } from '../agent/settings.ts'
import type { Rehearsal } from '../api/screen-routes.ts'
import { createVirtualScanner } from '../devices/serial/virtual-scanner.ts'
import type { Scanner } from '../devices/scanner.ts'
import { createSimulator } from '../simulator/simulator.ts'
import { CODE_FORMATS, type CodeFormat } from '../transcode/outcome.ts'

export type Demo = { settings: Settings; scanners: Scanner[]; rehearsal: Rehearsal; close(): Promise<void> }

/** Starts the played platforms on free ports of loopback. */
export async function startDemo(): Promise<Demo> {
  const simulator = createSimulator()
  await simulator.listen(0)
  const scanner = createVirtualScanner({ id: 'serial:virtual' })
  return {
    // The sample page of docs/his.md is opened from disk; in the demo nobody's data is there to be read.
    settings: parseSettings({ ...simulator.settings(), api: { allowedOrigins: ['null'] } }),
    scanners: [scanner],
    rehearsal: {
      samples: () =>
        simulator.samples().map(({ id, format, title, note }) => ({ id, format, formatName: CODE_FORMATS[format as CodeFormat], title, note })),
      textOf: (id) => simulator.samples().find((sample) => sample.id === id)?.text(),
      scan: (text) => scanner.feed(`${text}\r`),
    },
    close: () => simulator.close(),
  }
}
