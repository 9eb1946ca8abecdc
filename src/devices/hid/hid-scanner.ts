/** A USB scanner in HID POS mode: found by its ids, opened, read, found again after an unplug. */
import { claim, inTurn } from '../claims.ts'
import { readCode } from '../code-reader.ts'
import { createCuts } from '../cuts.ts'
import { systemTimers } from '../framer.ts'
import type { Encoding } from '../decode-text.ts'
import { findsHid, hex, hidIds, type DeviceId } from '../device-ids.ts'
import { keepOpen, type KeptOpen } from '../keep-open.ts'
import { knownScanner } from '../known-scanners.ts'
import { DeviceError, type Scanner, type ScannerEvents } from '../scanner.ts'
import { watchDevices } from '../watch-folder.ts'
import { systemHid, type HidAccess, type HidInfo } from './hid-device.ts'
import { layoutOf, POS_LAYOUT } from './report-layout.ts'
import { createReports } from './reports.ts'
import { vendorVariant } from './vendor-variants.ts'

export type HidScannerOptions = {
  readonly vendorId: number
  readonly productId?: number | undefined
  readonly serialNumber?: string | undefined
  readonly usbPort?: string | undefined
  /** Its id, and how many scanners before it are found alike; told apart by these where there are several. */
  readonly named?: DeviceId
  readonly encoding?: Encoding
  readonly prefix?: string
  readonly suffix?: string
  /** Whether the site's own settings take a text for a code: such a one is not waited for. */
  readonly isCode?: ((text: string) => boolean) | undefined
  /** Wait before the first try to open again, ms; doubles up to `retryMaxMs`. Default 250. */
  readonly retryFirstMs?: number
  /** Default 5000. */
  readonly retryMaxMs?: number
  /** Replaced in tests. */
  readonly hid?: HidAccess
}

/** Silence after a report that promised more, ms. */
const GAP_MS = 300
const POS_PAGE = 0x8c
const POS_SCANNER = 0x02
const DESKTOP_PAGE = 0x01
const KEYBOARD = 0x06

/** A scanner of the given USB ids (decimal); nothing is opened before `open`. */
export function createHidScanner(options: HidScannerOptions): Scanner {
  const { hid = systemHid } = options
  const { id, place } = options.named ?? hidIds([options])[0]!
  let kept: KeptOpen | undefined
  let model = knownScanner(hex(options.vendorId), hex(options.productId))?.model

  /** Rejects with what stands in the way: nothing there, or a scanner that types. */
  const find = async (): Promise<HidInfo[]> => {
    const mine = (await hid.list()).filter((info) => findsHid(options, info))
    const scanners = mine.filter((info) => info.usagePage === POS_PAGE && (info.usage ?? POS_SCANNER) === POS_SCANNER)
    if (scanners.length > 0) return scanners
    if (mine.some((info) => info.usagePage === DESKTOP_PAGE && info.usage === KEYBOARD)) {
      throw new DeviceError('DEVICE_KEYBOARD_MODE')
    }
    // Some systems name no usage before the device is open.
    const unnamed = mine.filter((info) => info.usagePage === undefined || info.usagePage === 0)
    if (unnamed.length > 0) return unnamed
    if (mine.length > 0) throw new DeviceError('DEVICE_WRONG_MODE', 'there, but with no HID POS interface')
    throw new DeviceError('DEVICE_MISSING')
  }

  const connect = async (events: ScannerEvents, lost: (fault: DeviceError) => void) => {
    let fault = new DeviceError('DEVICE_MISSING')
    for (const info of inTurn(await find(), place)) {
      const letGo = claim(hid, info.path)
      if (!letGo) continue
      try {
        const layout = layoutOf((await hid.descriptor(info.path)) ?? new Uint8Array()) ?? POS_LAYOUT
        const reports = readReports(events, layout)
        const device = await hid.open(info.path, {
          report(report) {
            events.bytes?.(report)
            reports.push(report)
          },
          lost,
        })
        const { afterOpen } = vendorVariant(info.vendorId) ?? {}
        // A model without that report refuses it, and reads all the same.
        if (afterOpen) await device.sendFeature(afterOpen).catch(() => {})
        model = knownScanner(hex(info.vendorId), hex(info.productId))?.model ?? info.product ?? model
        return {
          async close() {
            reports.reset()
            await device.close().finally(letGo)
          },
        }
      } catch (error) {
        letGo()
        fault = error as DeviceError
      }
    }
    throw fault
  }

  const readReports = (events: ScannerEvents, layout: typeof POS_LAYOUT) => {
    let faulty = false
    const cuts = createCuts({ idleMs: GAP_MS, patientMs: GAP_MS, isCode: options.isCode, timers: systemTimers })
    const reports = createReports({
      layout,
      gapMs: GAP_MS,
      pauseAfter: (bytes) => cuts.pauseAfter(readCode(bytes, options)?.text ?? ''),
      code({ bytes, aim, cutOff }) {
        const at = Date.now()
        const reading = readCode(bytes, options)
        if (reading === undefined) return broken('DEVICE_GARBLED')
        if (reading.text === '') return
        if (cuts.isPart(reading.text, { terminated: !cutOff, at })) return broken('DEVICE_CUT')
        if (faulty) events.state('open')
        faulty = false
        const found = aim ?? reading.aim
        events.text({ text: reading.text, ...(found !== undefined && { aim: found }), at })
      },
      broken: (why) => broken(why === 'overflow' ? 'DEVICE_OVERFLOW' : 'DEVICE_GARBLED'),
    })
    function broken(code: 'DEVICE_OVERFLOW' | 'DEVICE_GARBLED' | 'DEVICE_CUT'): void {
      faulty = true
      events.state('open', new DeviceError(code))
    }
    return {
      push: reports.push,
      reset() {
        reports.reset()
        cuts.reset()
      },
    }
  }

  return {
    source: { device: id, kind: 'hid' },
    get model() {
      return model
    },
    open(events) {
      kept ??= keepOpen({
        connect: (lost) => connect(events, lost),
        state: (state, fault) => events.state(state, fault),
        watch: (mayBeBack) => watchDevices(/^hidraw/, mayBeBack),
        retryFirstMs: options.retryFirstMs ?? 250,
        retryMaxMs: options.retryMaxMs ?? 5000,
      })
    },
    async close() {
      const closing = kept
      kept = undefined
      await closing?.close()
    },
    async lend() {
      if (!kept) throw new DeviceError('DEVICE_MISSING', 'not opened')
      return kept.lend()
    },
  }
}
