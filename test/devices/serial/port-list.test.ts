import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listLinuxPorts, matchingPorts } from '../../../src/devices/serial/port-list.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'maqiao-sys-'))
  mkdirSync(join(root, 'sys/class/tty'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Lays out what the kernel shows for one USB serial port; `deep` as usb-serial has it, else as CDC ACM. */
function addUsbPort(name: string, files: Record<string, string>, deep: boolean): void {
  const usb = join(root, 'sys/devices/pci0/usb1', `1-${name}`)
  const device = deep ? join(usb, '1-1:1.0', name) : join(usb, '1-1:1.0')
  mkdirSync(join(device, 'tty', name), { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(usb, file), `${text}\n`)
  symlinkSync(device, join(device, 'tty', name, 'device'))
  symlinkSync(join(device, 'tty', name), join(root, 'sys/class/tty', name))
}

describe('port list on Linux', () => {
  it('finds the USB ids above the port, natural order, no consoles', async () => {
    addUsbPort('ttyUSB10', { idVendor: '0403', idProduct: '6001', serial: 'FT0001', product: 'USB UART' }, true)
    addUsbPort('ttyUSB2', { idVendor: '067b', idProduct: '2303' }, true)
    addUsbPort('ttyACM0', { idVendor: '0c2e', idProduct: '0b6a', manufacturer: 'Honeywell' }, false)
    mkdirSync(join(root, 'sys/class/tty/tty1'))
    mkdirSync(join(root, 'sys/devices/platform/serial8250'), { recursive: true })
    mkdirSync(join(root, 'sys/bus/platform/drivers/serial8250'), { recursive: true })
    symlinkSync(join(root, 'sys/bus/platform/drivers/serial8250'), join(root, 'sys/devices/platform/serial8250/driver'))
    mkdirSync(join(root, 'sys/class/tty/ttyS3'))
    symlinkSync(join(root, 'sys/devices/platform/serial8250'), join(root, 'sys/class/tty/ttyS3/device'))
    expect(await listLinuxPorts(root)).toEqual([
      { path: join(root, 'dev/ttyACM0'), vendorId: '0c2e', productId: '0b6a', manufacturer: 'Honeywell', usbPort: '1-ttyACM0' },
      { path: join(root, 'dev/ttyUSB2'), vendorId: '067b', productId: '2303', usbPort: '1-ttyUSB2' },
      { path: join(root, 'dev/ttyUSB10'), vendorId: '0403', productId: '6001', serialNumber: 'FT0001', product: 'USB UART', usbPort: '1-ttyUSB10' },
    ])
  })

  it('has nothing to say without sysfs', async () => {
    expect(await listLinuxPorts(join(root, 'nowhere'))).toEqual([])
  })

  it('lists this computer in a process that has no udevadm, and lives on', async () => {
    const script = `
      const { listPorts } = await import(${JSON.stringify(new URL('../../../src/devices/serial/serial-port.ts', import.meta.url).href)})
      const ports = await listPorts()
      setTimeout(() => process.stdout.write(JSON.stringify(Array.isArray(ports))), 200)`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env: { ...process.env, PATH: root } })
    expect(stdout).toBe('true')
  })

  it('matches by what is given, in any case', () => {
    const ports = [{ path: 'a', vendorId: '0c2e', productId: '0b6a' }, { path: 'b', vendorId: '05e0' }, { path: 'c' }]
    expect(matchingPorts(ports, { vendorId: '0C2E' })).toEqual([ports[0]])
    expect(matchingPorts(ports, { vendorId: '05e0', productId: '1701' })).toEqual([])
  })
})
