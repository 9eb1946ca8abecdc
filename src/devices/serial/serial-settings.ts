/** What a settings file may say about one serial scanner: `devices.serial[]`. */
import { z } from 'zod'
import { readingFields, reason } from '../reading-settings.ts'

const usbId = () => z.string(reason('text')).regex(/^[0-9a-f]{4}$/i, 'must be 4 hexadecimal digits')

const match = z.strictObject(
  {
    vendorId: usbId().describe('USB 厂商号，4 位十六进制；“设备”页列出插着的，如 0c2e'),
    productId: usbId().optional().describe('USB 产品号，4 位十六进制；同一厂商有几种设备时填写'),
    /** Tells two scanners of one model apart. */
    serialNumber: z.string(reason('text')).min(1, 'must not be empty').optional().describe('序列号；同型号插了两把时用来区分'),
    /** For two of one model without serial numbers. */
    usbPort: z.string(reason('text')).min(1, 'must not be empty').optional().describe('USB 插口；同型号的两把都没有序列号时用来区分，“设备”页列出，如 1-1.2'),
  },
  reason('an object'),
)

/** One serial scanner: exactly one of `path` and `match`; 9600 8N1 unless told otherwise. */
export const serialSettings = z
  .strictObject(
    {
      /** Such as `/dev/ttyUSB0` or `COM3`. */
      path: z.string(reason('text')).min(1, 'required').optional().describe('端口：Linux 如 /dev/ttyUSB0、/dev/ttyACM0，Windows 如 COM3；与 match 只填一个'),
      /** USB ids (hexadecimal), which stay the same when the port's name changes. */
      match: match.optional().describe('按 USB 标识找端口，换插口也不变；与 path 只填一个'),
      baudRate: z.int(reason('a whole number')).min(110, 'must be at least 110').max(4_000_000, 'must be at most 4000000').default(9600).describe('波特率，与扫码枪一致；不知道时在“设备”页探测'),
      dataBits: z.union([z.literal(7), z.literal(8)], reason('7 or 8')).default(8).describe('数据位，几乎都是 8'),
      parity: z.enum(['none', 'even', 'odd'], reason('none, even or odd')).default('none').describe('校验位，几乎都是 none'),
      stopBits: z.union([z.literal(1), z.literal(2)], reason('1 or 2')).default(1).describe('停止位，几乎都是 1'),
      /** Lines to raise or drop after opening; left alone unless given. */
      dtr: z.boolean(reason('true or false')).optional().describe('打开后置高或置低 DTR；不填则不动，扫码枪不亮时试 true'),
      rts: z.boolean(reason('true or false')).optional().describe('打开后置高或置低 RTS；不填则不动'),
      /** ACK (06) after each whole code, NAK (15) after what could not be read. */
      ack: z.boolean(reason('true or false')).default(false).describe('每读到一个码向扫码枪回 ACK（06），读坏时回 NAK（15）；仅用于设为“等待应答（ACK/NAK）”的扫码枪，否则它会等不到应答而重发'),
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
