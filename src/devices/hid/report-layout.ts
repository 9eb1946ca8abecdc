/** Where a scanner's input report keeps length, AIM identifier, data and the flag for more, read from its descriptor. */

/** Offsets in bytes into the report as it is read, the id included where there is one. */
export type ReportLayout = {
  /** First byte of the report; absent where the device numbers none. */
  readonly reportId?: number
  readonly lengthAt: number
  /** Three bytes one after the other, or absent. */
  readonly aimAt?: number
  readonly dataAt: number
  readonly dataBytes: number
  /** Absent where the device sends every code in one report. */
  readonly moreAt?: number
  /** The bit in that byte. */
  readonly moreMask?: number
}

/** HID Point of Sale Usage Tables 1.02, page 0x8C: the layout that scanners share where no descriptor can be read. */
export const POS_LAYOUT: ReportLayout = {
  reportId: 2, lengthAt: 1, aimAt: 2, dataAt: 5, dataBytes: 56, moreAt: 63, moreMask: 1,
}

const BAR_CODE_SCANNER = 0x8c0002
const BYTE_COUNTS = [0x01003b, 0x8c003b]
const SYMBOLOGY_1 = 0x8c00fb
const DECODED_DATA = 0x8c00fe
const CONTINUED = 0x8c00ff

type Field = { readonly usage: number; readonly reportId: number; readonly bitAt: number; readonly bits: number; readonly count: number }

/**
 * The layout of the report with the decoded data (HID 1.11, 6.2.2), or undefined
 * where the descriptor is not that of a HID POS scanner.
 */
export function layoutOf(descriptor: Uint8Array): ReportLayout | undefined {
  const { fields, isScanner } = inputFields(descriptor)
  const data = isScanner ? fields.find((field) => field.usage === DECODED_DATA && field.bits === 8) : undefined
  if (!data) return undefined
  const beside = (usages: readonly number[]): Field | undefined =>
    fields.find((field) => field.reportId === data.reportId && usages.includes(field.usage))
  const length = beside(BYTE_COUNTS)
  if (!length) return undefined
  const idBytes = data.reportId === 0 ? 0 : 1
  const byteAt = (field: Field): number => idBytes + (field.bitAt >> 3)
  const aim = beside([SYMBOLOGY_1])
  const more = beside([CONTINUED])
  return {
    ...(data.reportId !== 0 && { reportId: data.reportId }),
    lengthAt: byteAt(length),
    ...(aim && { aimAt: byteAt(aim) }),
    dataAt: byteAt(data),
    dataBytes: data.count,
    ...(more && { moreAt: byteAt(more), moreMask: 1 << (more.bitAt & 7) }),
  }
}

const TAG = { input: 0x80, usagePage: 0x04, size: 0x74, reportId: 0x84, count: 0x94, push: 0xa4, pop: 0xb4, usage: 0x08, usageMin: 0x18, collection: 0xa0 }
const MAIN_ITEM = 0x00
const LONG_ITEM = 0xfe

/** Walks the items; every input field with its place. A descriptor that lies about lengths ends the walk. */
function inputFields(descriptor: Uint8Array): { fields: Field[]; isScanner: boolean } {
  const fields: Field[] = []
  const bitsOf = new Map<number, number>()
  const saved: { page: number; bits: number; count: number; reportId: number }[] = []
  let global = { page: 0, bits: 0, count: 0, reportId: 0 }
  let usages: number[] = []
  let isScanner = false
  for (let at = 0; at < descriptor.length; ) {
    const head = descriptor[at]!
    if (head === LONG_ITEM) {
      at += 3 + (descriptor[at + 1] ?? 0)
      continue
    }
    const size = [0, 1, 2, 4][head & 3]!
    const value = unsigned(descriptor, at + 1, size)
    const tag = head & 0xfc
    at += 1 + size
    if (tag === TAG.usagePage) global = { ...global, page: value }
    else if (tag === TAG.size) global = { ...global, bits: value }
    else if (tag === TAG.count) global = { ...global, count: value }
    else if (tag === TAG.reportId) global = { ...global, reportId: value }
    else if (tag === TAG.push) saved.push(global)
    else if (tag === TAG.pop) global = saved.pop() ?? global
    else if (tag === TAG.usage || tag === TAG.usageMin) usages.push(size === 4 ? value : global.page * 0x10000 + value)
    else if (tag === TAG.collection && usages.includes(BAR_CODE_SCANNER)) isScanner = true
    else if (tag === TAG.input) {
      const start = bitsOf.get(global.reportId) ?? 0
      bitsOf.set(global.reportId, start + global.bits * global.count)
      // Several usages of one item stand one after the other; the last one covers what is left.
      usages.forEach((usage, index) => {
        const last = index === usages.length - 1
        fields.push({
          usage,
          reportId: global.reportId,
          bitAt: start + index * global.bits,
          bits: global.bits,
          count: last ? global.count - index : 1,
        })
      })
    }
    if ((head & 0x0c) === MAIN_ITEM) usages = []
  }
  return { fields, isScanner }
}

function unsigned(bytes: Uint8Array, at: number, size: number): number {
  let value = 0
  for (let index = size - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0)
  return value
}
