/** Whether the scanners that the settings name are plugged in, and may be opened. */
import { accessSync, constants, existsSync } from 'node:fs'
import { findsHid, hidIds, serialIds } from '../../devices/device-ids.ts'
import type { Settings } from '../settings.ts'
import { check, type Check } from './check.ts'
import { pluggedIn, type PluggedIn } from './plugged-in.ts'

type Devices = Settings['devices']

const NOT_THERE = '检查数据线；确认扫码枪已设为设置中的模式，并与设置里的 USB 标识一致。'

/** A line for each scanner of the settings. @param look replaced in tests */
export async function* deviceChecks(devices: Devices, look: (devices: Devices) => Promise<PluggedIn> = pluggedIn): AsyncGenerator<Check> {
  const byUsbIds = devices.hid.length > 0 || devices.serial.some(({ path }) => path === undefined)
  const seen = byUsbIds ? await look(devices) : undefined
  for (const [at, { id }] of serialIds(devices.serial).entries()) {
    const path = devices.serial[at]?.path
    yield path === undefined ? matchCheck(id, seen) : pathCheck(path)
  }
  for (const [at, { id, place }] of hidIds(devices.hid).entries()) yield hidCheck(id, devices.hid[at]!, place, seen)
}

function pathCheck(path: string): Check {
  const windows = /^COM\d+$/i.test(path)
  const id = `serial.${path}`
  if (!windows && !existsSync(path)) {
    return check(id, '串口扫码枪', false, `${path} 不存在`, '检查数据线；确认扫码枪已设为串口（USB-COM）模式，端口名与设置一致。')
  }
  try {
    if (!windows) accessSync(path, constants.R_OK | constants.W_OK)
    return check(id, '串口扫码枪', true, path)
  } catch {
    return check(id, '串口扫码枪', false, `${path} 没有权限`, '安装 resources/udev 中的规则，或把运行账户加入 dialout 组，然后重新登录。')
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
