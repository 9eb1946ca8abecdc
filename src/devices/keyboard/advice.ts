/** What spoils a scanner in keyboard mode, and what the technician does about it. */
export const WEDGE_ADVICE = {
  WEDGE_INPUT_METHOD: {
    message: '扫码时中文输入法处于打开状态',
    advice: '本次已按物理按键正确读取；建议扫描设置条码把扫码枪改为串口（USB-COM）模式，从此不受输入法影响。',
  },
  WEDGE_SLOW: {
    message: '扫码枪以键盘方式逐键输出，速度偏慢',
    advice: '扫描设置条码把扫码枪改为串口（USB-COM）模式，或把键盘输出间隔调到 5 毫秒以内，每次扫码可省数秒。',
  },
  WEDGE_NUMPAD: {
    message: '扫码枪以 Alt+小键盘方式输出字符',
    advice: '扫描设置条码把扫码枪改为串口（USB-COM）模式，并选择 UTF-8 或 GBK 输出，中文才稳定。',
  },
  WEDGE_NO_TERMINATOR: {
    message: '扫码枪没有发送结束符（回车）',
    advice: '扫描设置条码加上回车后缀，或改为串口（USB-COM）模式；否则每次要多等片刻才能确定扫完。',
  },
  WEDGE_KEYS_LOST: {
    message: '扫码时有按键没有对应的字符，内容不完整，未予采用',
    advice: '请重新扫码；若反复出现，检查扫码枪的键盘国家设置（应为美国），或改为串口（USB-COM）模式。',
  },
  WEDGE_CUT: {
    message: '读码中途停顿，请重扫',
    advice: '内容不完整，未予采用；若反复出现，检查 USB 集线器、延长线与电脑负载，或改为串口（USB-COM）模式。',
  },
  WEDGE_OVERFLOW: {
    message: '扫码枪连续输入超过上限，已丢弃',
    advice: '检查扫码枪是否处于连续读取模式或按键卡住，然后重新扫码。',
  },
} as const satisfies Record<string, { message: string; advice: string }>
export type WedgeAdviceCode = keyof typeof WEDGE_ADVICE
