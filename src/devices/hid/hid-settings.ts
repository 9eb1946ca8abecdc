/** What a settings file may say about one USB HID scanner: `devices.hid[]`. */
import { z } from 'zod'
import { readingFields, reason } from '../reading-settings.ts'

const usbId = () =>
  z.int(reason('a whole number')).min(0, 'must be at least 0').max(0xffff, 'must be at most 65535')

/** One scanner in HID POS mode, by its USB ids (decimal). */
export const hidSettings = z.strictObject(
  {
    vendorId: usbId(),
    productId: usbId().optional(),
    /** Tells two scanners of one model apart. */
    serialNumber: z.string(reason('text')).min(1, 'must not be empty').optional(),
    encoding: readingFields.encoding,
    prefix: readingFields.prefix,
    suffix: readingFields.suffix,
  },
  reason('an object'),
)
export type HidSettings = z.infer<typeof hidSettings>
