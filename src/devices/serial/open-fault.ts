/** Why a serial port could not be opened, from what the systems say. */
import { DeviceError, type DeviceFaultCode } from '../scanner.ts'

// The numbers are Windows': 2 and 433 no such device, 5 access denied, 31 and 121 not ready again after an unplug, 170 busy.
const REASONS: readonly (readonly [RegExp, DeviceFaultCode])[] = [
  [/ENOENT|ENXIO|ENODEV|no such (file|device)|file not found|error code (2|433|1167)\b/i, 'DEVICE_MISSING'],
  [/cannot lock port|EBUSY|EAGAIN|resource (temporarily unavailable|busy)|access (is )?denied|error code (5|31|121|170)\b/i, 'DEVICE_BUSY'],
  [/EACCES|EPERM|permission denied|operation not permitted/i, 'DEVICE_PERMISSION'],
  [/ERR_DLOPEN_FAILED|cannot open shared object|no native build|not a valid win32 application|module not found|cannot find (module|package)/i, 'DEVICE_DRIVER'],
]

/** The stable code for an error of opening or using a port; anything new is DEVICE_FAILED with its own words. */
export function openFault(error: unknown): DeviceError {
  if (error instanceof DeviceError) return error
  const { code = '', message = String(error) } = (error ?? {}) as { code?: string; message?: string }
  const words = `${code} ${message}`.trim()
  const found = REASONS.find(([pattern]) => pattern.test(words))
  return new DeviceError(found?.[1] ?? 'DEVICE_FAILED', words)
}
