/** What came of a scan: the Outcome of the local API, and its five endings. */
import type { ScanSource } from '../devices/scan.ts'
import { CODES } from './codes/index.ts'

/** Code formats, each with the words staff know it by: as the registry of formats has them. */
export type CodeFormat = (typeof CODES)[number]['format']
export const CODE_FORMATS = Object.fromEntries(CODES.map(({ format, label }) => [format, label])) as Record<CodeFormat, string>

/** How a scan can end. `unknown` is not absent, `unavailable` is not `rejected`. */
export const STATUSES = {
  accepted: '已受理',
  choose: '请选择',
  rejected: '平台未通过',
  unavailable: '暂时无法查询',
  unrecognised: '不能使用的码',
} as const satisfies Record<string, string>
export type Status = keyof typeof STATUSES

/** The systems that can answer, by their names in errors and URLs. `maqiao` is the terminal itself. */
export const PLATFORM_NAMES = {
  ankang: '安康码平台',
  'health-card': '电子健康卡平台',
  quanzhou: '泉州医保信用就医',
  beijing: '北京医保电子凭证',
  yuejiantong: '粤健通',
  'e-voucher': '医保电子凭证',
  maqiao: '码桥终端',
} as const satisfies Record<string, string>
export type PlatformId = keyof typeof PLATFORM_NAMES

/**
 * A person as a platform gave them. Absent means the platform did not say.
 * `idType` is the platform's own code; `idTypeName`, `gender` (男/女/未知, 粤健通 also 保密),
 * `nation` (汉族 …) are words, the same from every platform.
 */
export type Patient = {
  name?: string
  idNumber?: string
  idType?: string
  idTypeName?: string
  gender?: string
  nation?: string
  phone?: string
  /** A second number, where the platform has one. */
  phone2?: string
  /** yyyy-MM-dd */
  birthday?: string
  address?: string
  isSelf?: boolean
  /** 安康码 colour: 1 绿码, 2 黄码, 3 红码. */
  healthLevel?: string
  healthCardId?: string
  /** 电子健康卡 3.2.4: the card's own code, as the platform gives it. */
  qrCodeText?: string
  phid?: string
  patid?: string
  /** 安康码 识读 7.2: 1 账号密码, 2 扫脸, 3 指纹, 4 第三方密码. */
  authType?: string
  authObject?: string
  /** 安康码 识读 7.2: 1 安徽省安康码, 2 国家健康码. */
  dataSource?: string
  /** 粤健通: its user id and channel (1 内地, 2 港澳, 3 台湾, 4 外籍). */
  userId?: string
  channel?: string
}

/** One 目标卡码: a code or card that this patient may go on with. */
export type Target = {
  type: string
  typeName: string
  qrCode: string
  id: string
  object: Record<string, unknown>
}

/** 医保电子凭证 as the insurance side decoded it. */
export type EVoucher = { ecToken?: string; insuOrg?: string; ecIndexNo?: string; email?: string; extData?: unknown }

/** Why something ended as it did; every fault of the API has this shape. */
export type Fault = {
  platform: PlatformId
  /** Stable: a platform's own code with its sign, or one of ours in capitals. */
  code: string
  message: string
  /** What staff do now. */
  advice: string
  retryable: boolean
  /** The id that the platform looks the request up by; opaque. */
  requestId?: string
  /** The platform's own words beside ours, without numbers of a person. */
  platformMessage?: string
}

/** One of several parallel questions that failed. */
export type Failure = { type: string; error: Fault }

export type Outcome = {
  id: string
  seq: number
  scannedAt: string
  elapsedMs: number
  source: ScanSource
  code: { format: CodeFormat }
  status: Status
  patient?: Patient
  eVoucher?: EVoucher
  targets: Target[]
  failures: Failure[]
  reports: string[]
  error?: Fault
  /** ISO 8601: when the HIS last posted what it did. */
  handledAt?: string
  /** Hints that are no error, such as fields the patient has not authorised. */
  notices?: string[]
}

/** Whether the trade came to be is judged by the setting `reports`. */
export type JudgedResult = HisResult & { succeeded: boolean }

/** What the HIS did with an outcome: body of `POST /outcomes/{id}/result`. */
export type HisResult = {
  tradeNo: string
  tradeState: string
  msg: string
  /** ISO 8601 or yyyyMMddHHmmss; when absent, the moment the result arrived. */
  tradeTime?: string
  medicalStep?: string
  department?: string
  name?: string
  idNumber?: string
  patid?: string
}
