/** Whether the scanners that the settings name are plugged in, and may be opened. */
import { accessSync, constants, existsSync } from 'node:fs'
import { findsHid, hidIds, serialIds } from '../../devices/device-ids.ts'
import type { DeviceError } from '../../devices/scanner.ts'
import { portName } from '../../devices/serial/port-list.ts'
import { openPort } from '../../devices/serial/serial-port.ts'
import type { Settings } from '../settings.ts'
import { check, type Check } from './check.ts'
import { pluggedIn, type PluggedIn } from './plugged-in.ts'

/** Windows' ports have names and no place in a folder; such a name on another system is a mistake that opening shows. */
const isNoFile = (path: string) => process.platform === 'win32' || /^COM\d+$/.test(portName(path))

type Devices = Settings['devices']

const NOT_THERE = '检查数据线；确认扫码枪已设为设置中的模式，并与设置里的 USB 标识一致。'

/** A line for each scanner of the settings. @param look, open replaced in tests */
export async function* deviceChecks(
  devices: Devices,
  look: (devices: Devices) => Promise<PluggedIn> = pluggedIn,
  open: typeof openPort = openPort,
): AsyncGenerator<Check> {
  const listed = devices.hid.length > 0 || devices.serial.some(({ path }) => path === undefined || isNoFile(path))
  const seen = listed ? await look(devices) : undefined
  for (const [at, { id }] of serialIds(devices.serial).entries()) {
    const path = devices.serial[at]?.path
    if (path === undefined) yield matchCheck(id, seen)
    else yield isNoFile(path) ? await namedPortCheck(`serial.${path}`, path, seen, open) : fileCheck(`serial.${path}`, path)
  }
  for (const [at, { id, place }] of hidIds(devices.hid).entries()) yield hidCheck(id, devices.hid[at]!, place, seen)
}

const NO_PORT = '检查数据线；确认扫码枪已设为串口（USB-COM）模式，端口名与设置一致（“设备”页或设备管理器列出）。'

function fileCheck(id: string, path: string): Check {
  if (!existsSync(path)) return check(id, '串口扫码枪', false, `${path} 不存在`, NO_PORT)
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return check(id, '串口扫码枪', true, path)
  } catch {
    return check(id, '串口扫码枪', false, `${path} 没有权限`, '安装 resources/udev 中的规则，或把运行账户加入 dialout 组，然后重新登录。')
  }
}

/** A port that is no file. What the list does not have (a port of a class of its own) is opened for a moment: one that others use is there. */
async function namedPortCheck(id: string, path: string, seen: PluggedIn | undefined, open: typeof openPort): Promise<Check> {
  const there = check(id, '串口扫码枪', true, path)
  if (seen?.serial.some((port) => portName(port.path) === portName(path))) return there
  try {
    const port = await open(portName(path), { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 }, { bytes: () => {}, lost: () => {} })
    await port.close()
    return there
  } catch (error) {
    const { code, message, advice } = error as DeviceError
    if (code === 'DEVICE_BUSY') return there
    if (code === 'DEVICE_MISSING') return check(id, '串口扫码枪', false, `${path} 不存在`, NO_PORT)
    return check(id, '串口扫码枪', false, `${path} ${message}`, advice)
  }
}

function matchCheck(id: string, seen: PluggedIn | undefined): Check {
  if (seen?.serialFault) return check(id, '串口扫码枪', false, seen.serialFault.message, seen.serialFault.advice)
  const port = seen?.serial.find(({ usedBy }) => usedBy === id)
  return port ? check(id, '串口扫码枪', true, `${id} → ${port.path}`) : check(id, '串口扫码枪', false, `${id} 没有插入`, NOT_THERE)
}

function hidCheck(id: string, wanted: Devices['hid'][number], place: number, seen: PluggedIn | undefined): Check {
  if (seen?.hidFault) return check(id, 'HID 扫码枪', false, seen.hidFault.message, seen.hidFault.advice)
  // One scanner has several entries where it has several interfaces: its port tells it from its twin.
  const alike = (seen?.hid ?? []).filter((device) =>
    findsHid(wanted, { ...device, vendorId: parseInt(device.vendorId, 16), productId: parseInt(device.productId, 16) }),
  )
  const scanners = new Set(alike.map(({ usbPort, serialNumber }) => usbPort ?? serialNumber ?? ''))
  return scanners.size > place ? check(id, 'HID 扫码枪', true, id) : check(id, 'HID 扫码枪', false, `${id} 没有插入`, NOT_THERE)
}
