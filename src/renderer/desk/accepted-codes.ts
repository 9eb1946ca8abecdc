/** The codes that this terminal can take, by the platforms that are set up. */
import type { PlatformState } from '../api/screen-types.ts'
import type { CodeFormat, PlatformId } from '../../transcode/outcome.ts'
import { sharedZhCn } from '../messages/shared-zh-cn.ts'

const BY_PLATFORM: Partial<Record<PlatformId, CodeFormat>> = {
  ankang: 'ankang',
  'health-card': 'health-card-static',
  yuejiantong: 'yuejiantong',
}
const ALWAYS: CodeFormat[] = ['e-voucher', 'identity-number', 'hospital-card']

/** Their names, for staff and for what a patient may show instead. */
export function acceptedCodes(platforms: readonly PlatformState[]): string[] {
  const asked = platforms.filter(({ state }) => state !== 'off').flatMap(({ id }) => BY_PLATFORM[id] ?? [])
  return [...asked, ...ALWAYS].map((format) => sharedZhCn.formats[format])
}
