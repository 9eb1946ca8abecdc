/** Why there is no picture, in words for staff; `retryMs` where the camera is tried again by itself. */
export const CAMERA_FAULTS = {
  denied: { message: '没有使用摄像头的权限', advice: '在浏览器或系统设置中允许本页使用摄像头，然后重新打开扫码画面。', retryMs: undefined },
  insecure: { message: '此页面的地址不允许使用摄像头', advice: '请通过 http://127.0.0.1 或 https 地址打开本页面。', retryMs: undefined },
  missing: { message: '没有找到摄像头', advice: '检查摄像头数据线是否插好；插好后自动恢复。', retryMs: 3000 },
  busy: { message: '摄像头被其他程序占用', advice: '关闭正在使用摄像头的程序（如视频会议、医保人脸控件）；释放后自动恢复。', retryMs: 2000 },
  unplugged: { message: '摄像头被拔出或断开', advice: '重新插好摄像头数据线；插好后自动恢复。', retryMs: 1000 },
  asleep: { message: '摄像头没有送出画面，可能正在休眠', advice: '正在自动重新打开；若长时间不恢复，请重新插拔摄像头。', retryMs: 1000 },
  black: { message: '摄像头画面全黑', advice: '检查镜头盖、隐私开关和补光灯；有画面后自动恢复。', retryMs: 1000 },
  failed: { message: '摄像头打开失败', advice: '正在自动重试；若反复失败，请重新插拔摄像头或联系信息科。', retryMs: 3000 },
} as const satisfies Record<string, { message: string; advice: string; retryMs: number | undefined }>
export type CameraFault = keyof typeof CAMERA_FAULTS

/** The fault that a refusal of `getUserMedia` stands for. */
export function faultOf(error: unknown): CameraFault {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
      return 'denied'
    case 'SecurityError':
      return 'insecure'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing'
    case 'NotReadableError':
      return 'busy'
    default:
      return 'failed'
  }
}
