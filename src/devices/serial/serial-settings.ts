/** What a settings file may say about one serial scanner: `devices.serial[]`. */
import { z } from 'zod'
import { readingFields, reason } from '../reading-settings.ts'

const usbId = () => z.string(reason('text')).regex(/^[0-9a-f]{4}$/i, 'must be 4 hexadecimal digits')

const match = z.strictObject(
  {
    vendorId: usbId(),
    productId: usbId().optional(),
    /** Tells two scanners of one model apart. */
    serialNumber: z.string(reason('text')).min(1, 'must not be empty').optional(),
  },
  reason('an object'),
)

/** One serial scanner: exactly one of `path` and `match`; 9600 8N1 unless told otherwise. */
export const serialSettings = z
  .strictObject(
    {
      /** Such as `/dev/ttyUSB0` or `COM3`. */
      path: z.string(reason('text')).min(1, 'required').optional(),
      /** USB ids (hexadecimal), which stay the same when the port's name changes. */
      match: match.optional(),
      baudRate: z.int(reason('a whole number')).min(110, 'must be at least 110').max(4_000_000, 'must be at most 4000000').default(9600),
      dataBits: z.union([z.literal(7), z.literal(8)], reason('7 or 8')).default(8),
      parity: z.enum(['none', 'even', 'odd'], reason('none, even or odd')).default('none'),
      stopBits: z.union([z.literal(1), z.literal(2)], reason('1 or 2')).default(1),
      /** Lines to raise or drop after opening; left alone unless given. */
      dtr: z.boolean(reason('true or false')).optional(),
      rts: z.boolean(reason('true or false')).optional(),
      ...readingFields,
    },
    reason('an object'),
  )
  .superRefine((settings, context) => {
    if (settings.path === undefined && settings.match === undefined) {
      context.addIssue({ code: 'custom', path: ['path'], message: 'required (or match)' })
    }
    if (settings.path !== undefined && settings.match !== undefined) {
      context.addIssue({ code: 'custom', path: ['match'], message: 'must not stand beside path' })
    }
  })
export type SerialSettings = z.infer<typeof serialSettings>
