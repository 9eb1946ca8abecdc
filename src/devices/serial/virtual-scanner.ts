/** A scanner without hardware: bytes go through the same framing and cleaning as those of a port. */
import { createCodeReader, type ReadingOptions } from '../code-reader.ts'
import type { Framer } from '../framer.ts'
import { DeviceError, type Scanner, type ScannerEvents } from '../scanner.ts'

export type VirtualScanner = Scanner & {
  /** Bytes as a scanner would send them; a text is sent as UTF-8 with CR after it. Lost while it is not open. */
  feed(data: string | Uint8Array): void
  /** Plays the pulled cable. */
  unplug(): void
  plug(): void
}

/** For the rehearsal tray and for tests; its id is `serial:virtual` unless told otherwise. */
export function createVirtualScanner(options: ReadingOptions & { readonly id?: string } = {}): VirtualScanner {
  let events: ScannerEvents | undefined
  let reader: Framer | undefined
  let plugged = true
  let lent = false

  const start = (): void => {
    if (!events || !plugged || lent) return
    const to = events
    to.state('opening')
    reader = createCodeReader(options, { text: (reading) => to.text(reading), fault: (fault) => to.state('open', fault) })
    to.state('open')
  }
  const stop = (): void => {
    reader?.reset()
    reader = undefined
  }

  return {
    source: { device: options.id ?? 'serial:virtual', kind: 'serial' },
    model: '演练扫码枪',
    open(given) {
      if (events) return
      events = given
      start()
    },
    async close() {
      stop()
      lent = false
      events = undefined
    },
    async lend() {
      stop()
      lent = true
      events?.state('lent')
      return () => {
        if (!lent) return
        lent = false
        start()
      }
    },
    feed(data) {
      if (!reader) return
      const bytes = typeof data === 'string' ? Buffer.from(`${data}\r`, 'utf8') : data
      events?.bytes?.(bytes)
      reader.push(bytes)
    },
    unplug() {
      plugged = false
      stop()
      events?.state('missing', new DeviceError('DEVICE_UNPLUGGED'))
    },
    plug() {
      if (plugged) return
      plugged = true
      start()
    },
  }
}
