/** What more than one screen says, in Chinese as it is written on the mainland. */
import type { CodeFormat, Fault, PlatformId } from '../../transcode/outcome.ts'
import type { DeviceState } from '../../devices/scanner.ts'
import type { ScannerKind } from '../../devices/scan.ts'

const ours = (code: string, message: string, advice: string): Fault => ({
  platform: 'maqiao',
  code,
  message,
  advice,
  retryable: true,
})

const formats: Record<CodeFormat, string> = {
  ankang: '安康码',
  'health-card-static': '电子健康卡',
  'health-card-dynamic': '电子健康卡（动态码）',
  'e-voucher': '医保电子凭证',
  'social-security-card': '电子社保卡',
  yuejiantong: '粤健通',
  payment: '付款码',
  'identity-number': '身份证号',
  'hospital-card': '院内就诊卡',
  unknown: '不认识的码',
}

const platforms: Record<PlatformId, string> = {
  ankang: '安康码',
  'health-card': '电子健康卡',
  quanzhou: '泉州医保',
  beijing: '北京医保',
  yuejiantong: '粤健通',
  'e-voucher': '医保凭证',
  maqiao: '本终端',
}

const deviceStates: Record<DeviceState, string> = {
  opening: '正在打开',
  open: '就绪',
  missing: '未连接',
  busy: '被占用',
  lent: '已借出',
  failed: '故障',
}

const deviceKinds: Record<ScannerKind, string> = {
  serial: '扫码枪（串口）',
  hid: '扫码枪（USB）',
  keyboard: '键盘式扫码枪',
  camera: '摄像头',
  api: 'HIS 接口',
}

export const sharedZhCn = {
  product: '码桥',
  formats,
  platforms,
  deviceStates,
  deviceKinds,

  targetTypes: {
    whole: { '3400001': '电子社保卡', '3400004': '一码通办', '3402050': '芜湖食堂就餐卡' } as Record<string, string>,
    byEnding: { '002': '电子健康码', '003': '医保电子凭证' } as Record<string, string>,
    other: (type: string) => `卡码 ${type} `,
  },

  keyNames: { Escape: 'Esc', Enter: '回车' } as Record<string, string>,
  close: '关闭',
  took: (ms: number) => (ms < 100 ? '用时不到 0.1 秒' : `用时 ${(ms / 1000).toFixed(1)} 秒`),

  faults: {
    unreachable: ours('TERMINAL_UNREACHABLE', '终端程序没有回应', '请稍候；若一直如此，请重新打开码桥终端程序。'),
    status: (status: number) =>
      ours(`HTTP_${status}`, `终端程序没有接受这次操作（${status}）`, '请重试一次；仍不行请联系信息科。'),
  },

  door: {
    opening: '正在打开码桥…',
    title: '这个页面需要重新打开',
    reason: '打开地址只能用一次，或登录已过期。为保护患者信息，码桥不会让没有凭据的页面看到任何内容。',
    steps: [
      '关闭这个页面。',
      '在本机双击“码桥”图标重新打开；或请信息科运行 npm run open，取得新的打开地址。',
      '用新地址打开后即可继续，已扫描的记录不会丢失。',
    ],
    down: '连接不上终端程序',
    downReason: '码桥终端程序可能没有运行，或正在重新启动。本页会自动重试。',
    retry: '重试',
  },
} as const
