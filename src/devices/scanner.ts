/** The port behind which every kind of scanner hides. */
import type { ScannerCommand } from './known-scanners.ts'
import type { ScanSource } from './scan.ts'

/** Device states of the contract, each with the words a technician reads. */
export const DEVICE_STATES = {
  opening: '正在打开',
  open: '就绪',
  missing: '未连接',
  busy: '被其他程序占用',
  lent: '已借给其他程序',
  failed: '故障',
} as const satisfies Record<string, string>
export type DeviceState = keyof typeof DEVICE_STATES

/** Every fault a device can report: code -> what it means and what to do, for the technician. */
const DEVICE_FAULTS = {
  DEVICE_MISSING: { message: '找不到扫码枪', advice: '检查数据线是否插好；插好后会自动恢复，不必重启。' },
  DEVICE_BUSY: { message: '扫码枪被其他程序占用', advice: '关闭占用该端口的程序（如串口助手、医保控件）；释放后会自动恢复。' },
  DEVICE_PERMISSION: { message: '没有打开扫码枪的权限', advice: '安装 resources/udev 中的规则，或把运行账户加入 dialout 组，然后重新插拔。' },
  DEVICE_DRIVER: { message: '扫码枪驱动没有加载', advice: '安装扫码枪的驱动或系统组件（Linux 下为 libusb-1.0 与 libudev），再重新启动。' },
  DEVICE_UNPLUGGED: { message: '扫码枪被拔出', advice: '重新插好数据线；会自动恢复。' },
  DEVICE_OVERFLOW: { message: '收到的数据超过上限，已丢弃并重新同步', advice: '检查波特率与扫码枪设置；若偶发，请重新扫码。' },
  DEVICE_GARBLED: { message: '收到的数据不是可读的码', advice: '检查波特率、校验位与数据线；若偶发，请重新扫码。' },
  DEVICE_CUT: { message: '读码中途停顿，请重扫', advice: '内容不完整，未予采用。若反复出现，检查数据线、USB 集线器与蓝牙信号，并给扫码枪加上回车（CR）后缀。' },
  DEVICE_KEYBOARD_MODE: { message: '扫码枪处于键盘模式', advice: '扫描设置单，把它切换到串口或 HID POS 模式。' },
  DEVICE_WRONG_MODE: { message: '扫码枪的接口模式不受支持', advice: '扫描设置单，把它切换到 USB 虚拟串口或 HID POS 模式。' },
  DEVICE_FAILED: { message: '扫码枪故障', advice: '拔下扫码枪等待 5 秒再插上；仍不行请联系信息科。' },
} as const satisfies Record<string, { message: string; advice: string }>
export type DeviceFaultCode = keyof typeof DEVICE_FAULTS

/** A fault of a device: stable code, Chinese words; `detail` is for the log and holds no scanned text. */
export class DeviceError extends Error {
  override readonly name = 'DeviceError'
  readonly code: DeviceFaultCode
  readonly advice: string
  readonly detail: string | undefined
  constructor(code: DeviceFaultCode, detail?: string) {
    super(DEVICE_FAULTS[code].message)
    this.code = code
    this.advice = DEVICE_FAULTS[code].advice
    this.detail = detail
  }
}

/** How a device stands now; what the screens and `/health` show. */
export type DeviceStatus = {
  readonly id: string
  readonly kind: ScanSource['kind']
  readonly state: DeviceState
  /** ISO 8601: since when it is in this state. */
  readonly since: string
  /** The model where it is known, such as `Honeywell 1900`. */
  readonly model?: string
  readonly fault?: { readonly code: DeviceFaultCode; readonly message: string; readonly advice: string }
  /** ISO 8601: when a lent device is taken back at the latest. */
  readonly lentUntil?: string
}

/** What a scanner reports while it is open. */
export type ScannerEvents = {
  /** One reading, already framed, decoded and cleaned; `at`: when its last byte arrived, ms since 1970. */
  text(reading: { readonly text: string; readonly aim?: string; readonly at?: number }): void
  /** Its state changed; `fault` says why where there is a reason. */
  state(state: DeviceState, fault?: DeviceError): void
  /** Raw bytes for the diagnostic screen; never logged. */
  bytes?(bytes: Uint8Array): void
}

/**
 * One scanner, real or played. It opens itself, tells its state, and after an
 * unplug keeps trying until it is back or closed. It never throws after `open`.
 */
export type Scanner = {
  readonly source: ScanSource
  readonly model?: string
  open(events: ScannerEvents): void
  /** Releases the device; resolves when nothing more will be reported. Safe to call twice. */
  close(): Promise<void>
  /** Gives the device to another program until the returned function is called. */
  lend?(): Promise<() => void>
  /** Rejects with DEVICE_MISSING while it is not open, DEVICE_WRONG_MODE where the model has no such command. */
  command?(command: ScannerCommand): Promise<void>
}
