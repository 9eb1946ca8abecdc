/** A serial port opened through the serialport package: the only file that knows the package. */
import { DeviceError } from '../scanner.ts'
import { openFault } from './open-fault.ts'
import { listLinuxPorts, type PortInfo } from './port-list.ts'

export type LineSettings = {
  readonly baudRate: number
  readonly dataBits: 7 | 8
  readonly parity: 'none' | 'even' | 'odd'
  readonly stopBits: 1 | 2
  readonly dtr?: boolean | undefined
  readonly rts?: boolean | undefined
}

export type PortEvents = {
  bytes(chunk: Uint8Array): void
  /** Lost after it was open: pulled out or broken. Called once; `close` is still due. */
  lost(fault: DeviceError): void
}

export type Port = {
  write(bytes: Uint8Array): Promise<void>
  setBaudRate(baudRate: number): Promise<void>
  /** Resolves when the port is free for others, or after 3 s where the driver hangs. Safe to call twice. */
  close(): Promise<void>
}

const CLOSE_LIMIT_MS = 3000

/** Opens a port exclusively; rejects with a DeviceError. */
export async function openPort(path: string, line: LineSettings, events: PortEvents): Promise<Port> {
  const { SerialPort } = await loadSerialport()
  const { baudRate, dataBits, parity, stopBits } = line
  const port = new SerialPort({ path, baudRate, dataBits, parity, stopBits, lock: true, autoOpen: false })
  let closing = false
  let told = false
  const lost = (fault: DeviceError): void => {
    if (closing || told) return
    told = true
    events.lost(fault)
  }
  port.on('data', (chunk: Uint8Array) => {
    if (!closing) events.bytes(chunk)
  })
  port.on('error', (error) => lost(openFault(error)))
  port.on('close', (error?: Error | null) => lost(new DeviceError('DEVICE_UNPLUGGED', error?.message)))
  await call((done) => port.open(done))

  const close = async (): Promise<void> => {
    closing = true
    if (!port.isOpen) return
    await withinLimit(call((done) => port.close(done)))
  }
  const { dtr, rts } = line
  if (dtr !== undefined || rts !== undefined) {
    // A port without such lines (virtual ones) has nothing to set, and reads all the same.
    await call((done) => port.set({ dtr: dtr ?? true, rts: rts ?? true }, done)).catch(() => {})
  }
  return {
    write: (bytes) => call((done) => port.write(Buffer.from(bytes), (error) => (error ? done(error) : port.drain(done)))),
    setBaudRate: (baud) => call((done) => port.update({ baudRate: baud }, done)),
    close,
  }
}

/** The ports of this computer with their USB ids; rejects with a DeviceError where the system does not tell. */
export async function listPorts(): Promise<PortInfo[]> {
  if (process.platform === 'linux') return listLinuxPorts()
  const { SerialPort } = await loadSerialport()
  const ports = await SerialPort.list().catch((error: unknown) => {
    throw openFault(error)
  })
  return ports.map(({ path, vendorId, productId, serialNumber, manufacturer, locationId }) => ({
    path,
    ...(vendorId !== undefined && { vendorId: vendorId.toLowerCase() }),
    ...(productId !== undefined && { productId: productId.toLowerCase() }),
    ...(serialNumber !== undefined && { serialNumber }),
    ...(manufacturer !== undefined && { manufacturer }),
    ...(locationId !== undefined && { usbPort: locationId }),
  }))
}

async function loadSerialport(): Promise<typeof import('serialport')> {
  try {
    return await import('serialport')
  } catch (error) {
    throw new DeviceError('DEVICE_DRIVER', error instanceof Error ? error.message : String(error))
  }
}

function call(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(openFault(error)) : resolve())))
}

async function withinLimit(work: Promise<void>): Promise<void> {
  const limit = Promise.withResolvers<void>()
  const timer = setTimeout(limit.resolve, CLOSE_LIMIT_MS)
  await Promise.race([work, limit.promise]).finally(() => clearTimeout(timer))
}
