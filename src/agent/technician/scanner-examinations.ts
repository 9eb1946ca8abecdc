/** One scan of the test sheet on one device, listened to until it falls silent, and examined. */
import { createReports } from '../../devices/hid/reports.ts'
import type { Hub } from '../../devices/hub.ts'
import { examineScan, TEST_SHEET_TEXT, type ScanExamination, type TimedChunk } from '../../devices/scanner-doctor.ts'
import { sheetOfModel } from '../../devices/known-scanners.ts'
import { DeviceError, type DeviceStatus } from '../../devices/scanner.ts'
import { SETUP_SHEETS } from '../../devices/setup/setup-sheets.ts'

export type Examination = {
  device: string
  state: 'off' | 'waiting' | 'receiving' | 'done'
  sheet: string
  report: ScanExamination | null
}

export type Examinations = {
  /** Listens for the next scan. Throws DeviceError where the device is not open. */
  start(device: DeviceStatus): Examination
  /** Examines what has come so far. */
  end(device: string): Examination
  of(device: string): Examination
  onChange(listener: (examination: Examination) => void): () => void
  stop(): void
}

/** The longest silence within a code of the slowest scanner, ms. */
const SILENCE_MS = 1000
const PATIENCE_MS = 120_000

export function createExaminations(
  hub: Pick<Hub, 'onBytes'>,
  options: { silenceMs?: number; patienceMs?: number } = {},
): Examinations {
  const { silenceMs = SILENCE_MS, patienceMs = PATIENCE_MS } = options
  const listeners = new Set<(examination: Examination) => void>()
  const shown = new Map<string, Examination>()
  const running = new Map<string, () => void>()

  const of = (device: string): Examination =>
    shown.get(device) ?? { device, state: 'off', sheet: TEST_SHEET_TEXT, report: null }

  function show(device: string, state: Examination['state'], report: ScanExamination | null = null): void {
    const examination: Examination = { device, state, sheet: TEST_SHEET_TEXT, report }
    shown.set(device, examination)
    for (const listener of listeners) listener(examination)
  }

  function start({ id: device, kind, state, model }: DeviceStatus): Examination {
    if (state !== 'open') throw new DeviceError(state === 'lent' || state === 'busy' ? 'DEVICE_BUSY' : 'DEVICE_MISSING')
    running.get(device)?.()
    const chunks: TimedChunk[] = []
    // What a HID scanner sends is packed in reports, identifier and length beside the code.
    const reports = createReports({
      code: ({ bytes, aim = '' }) =>
        chunks.push({ bytes: Buffer.concat([Buffer.from(aim), bytes]), at: performance.now() }),
      broken: () => {},
    })
    let timer = setTimeout(end, patienceMs)
    const unlisten = hub.onBytes((chunk) => {
      if (chunk.device !== device) return
      if (kind === 'hid') reports.push(chunk.bytes)
      else chunks.push({ bytes: Uint8Array.from(chunk.bytes), at: performance.now() })
      if (of(device).state !== 'receiving') show(device, 'receiving')
      clearTimeout(timer)
      timer = setTimeout(end, silenceMs)
    })
    function end(): void {
      clearTimeout(timer)
      unlisten()
      reports.reset()
      running.delete(device)
      const sheet = sheetOfModel(model)
      const setupSheet = sheet && SETUP_SHEETS[sheet].maker
      const report = examineScan({ mode: kind === 'hid' ? 'hid' : 'serial', chunks, ...(setupSheet && { setupSheet }) })
      show(device, report ? 'done' : 'off', report ?? null)
    }
    running.set(device, end)
    show(device, 'waiting')
    return of(device)
  }

  return {
    start,
    end(device) {
      running.get(device)?.()
      return of(device)
    },
    of,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop() {
      listeners.clear()
      for (const end of [...running.values()]) end()
    },
  }
}

/** One scan of the sheet by a scanner that types, as the screen received its keys. */
export function examineKeys(keys: readonly { text: string; at: number }[]): {
  sheet: string
  report: ScanExamination | null
} {
  const chunks = keys.map(({ text, at }) => ({ bytes: Buffer.from(text), at }))
  return { sheet: TEST_SHEET_TEXT, report: examineScan({ mode: 'keyboard', chunks }) ?? null }
}
