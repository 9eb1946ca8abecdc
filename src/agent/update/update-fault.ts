/** Why there is no newer version to be had: code -> message, advice. */
const FAULTS = {
  UPDATE_UNREACHABLE: ['读不到更新清单', '请核对设置 update.from，并请信息科检查文件服务器上该目录是否有 maqiao-update.txt 与 .sig。'],
  UPDATE_UNSIGNED: ['更新清单的签名不对，没有采用', '清单或文件被改动，或设置 update.publicKey 不是制作者的公钥：请向提供安装包的人核实。'],
  UPDATE_LIST: ['更新清单不完整', '请重新用 npm run sign-update 生成清单，再放到文件服务器。'],
  UPDATE_EXPIRED: ['更新清单已过期，没有采用', '文件服务器上的清单太久没有更新，或被人换成了旧的：请核对本机日期，并向提供安装包的人要新签的清单（npm run sign-update）。'],
  UPDATE_OLDER: ['更新清单比以前见过的旧，没有采用', '文件服务器上的清单可能被人换成了旧的：请放回最新的清单，并查明是谁换的。'],
  UPDATE_NO_PACKAGE: ['有新版本，但没有适合本机的安装包', '请把本机系统的安装包也放进该目录，重新生成清单。'],
  UPDATE_DAMAGED: ['安装包与清单不符，已丢弃', '文件没有传完或被改动：请重新复制安装包到文件服务器。'],
  UPDATE_NOT_STORED: ['安装包存不下来', '请检查数据目录的磁盘空间与权限。'],
} as const
export type UpdateFaultCode = keyof typeof FAULTS

/** Thrown on the way to a newer version. */
export class UpdateFault extends Error {
  readonly code: UpdateFaultCode
  constructor(code: UpdateFaultCode) {
    super(code)
    this.code = code
  }
}

/** A fault as technicians read it. */
export function wordsOf(code: UpdateFaultCode): { code: string; message: string; advice: string } {
  const [message, advice] = FAULTS[code]
  return { code, message, advice }
}
