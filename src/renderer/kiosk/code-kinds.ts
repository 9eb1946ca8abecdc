/** Which codes a patient may show here, and how each is opened. */
import type { PlatformState } from '../api/screen-types.ts'
import type { CodeKind } from '../messages/kiosk-zh-cn.ts'

/** What the phone shows in each of the three steps. */
export type PhoneScene =
  | 'app-wanshitong'
  | 'tap-ankang'
  | 'search-empty-wechat'
  | 'search-empty-alipay'
  | 'search-card'
  | 'search-voucher'
  | 'search-yuejiantong'
  | 'tab-me'
  | 'tap-medical'
  | 'code'

export const GUIDES: Record<CodeKind, readonly [PhoneScene, PhoneScene, PhoneScene]> = {
  ankang: ['app-wanshitong', 'tap-ankang', 'code'],
  'card-wechat': ['search-empty-wechat', 'search-card', 'code'],
  'voucher-wechat': ['tab-me', 'tap-medical', 'code'],
  'voucher-alipay': ['search-empty-alipay', 'search-voucher', 'code'],
  yuejiantong: ['search-empty-wechat', 'search-yuejiantong', 'code'],
}

/** 医保电子凭证 is handed on where nobody is asked about it, so it is always taken. */
export function codeKinds(platforms: readonly PlatformState[]): CodeKind[] {
  const has = (id: string) => platforms.some((platform) => platform.id === id && platform.state !== 'off')
  return [
    ...(has('ankang') ? (['ankang'] as const) : []),
    ...(has('health-card') ? (['card-wechat'] as const) : []),
    'voucher-wechat',
    'voucher-alipay',
    ...(has('yuejiantong') ? (['yuejiantong'] as const) : []),
  ]
}
