/** What a settings file may say about one USB HID scanner: `devices.hid[]`. */
import { z } from 'zod'
import { readingFields, reason } from '../reading-settings.ts'

const usbId = () =>
  z.int(reason('a whole number')).min(0, 'must be at least 0').max(0xffff, 'must be at most 65535')

/** One scanner in HID POS mode, by its USB ids (decimal). */
export const hidSettings = z.strictObject(
  {
    vendorId: usbId().describe('USB 厂商号，十进制；“设备”页列出的十六进制换成十进制，如 05e0 即 1504'),
    productId: usbId().optional().describe('USB 产品号，十进制；不填则该厂商的都收'),
    /** Tells two scanners of one model apart. */
    serialNumber: z.string(reason('text')).min(1, 'must not be empty').optional().describe('序列号；同型号插了两把时用来区分'),
    /** For two of one model without serial numbers. */
    usbPort: z.string(reason('text')).min(1, 'must not be empty').optional().describe('USB 插口；同型号的两把都没有序列号时用来区分，“设备”页列出，如 1-1.2'),
    encoding: readingFields.encoding,
    prefix: readingFields.prefix,
    suffix: readingFields.suffix,
  },
  reason('an object'),
)
