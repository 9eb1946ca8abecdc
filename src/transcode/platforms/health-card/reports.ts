/** 用卡数据监测 3.2.7 and 绑定院内 ID 3.2.6: what is owed once the HIS has acted on a card. */
import type { z } from 'zod'
import { chinaDateTime, parseTime } from '../../china-time.ts'
import { healthCardDynamic } from '../../codes/health-card-dynamic.ts'
import { healthCardStatic } from '../../codes/health-card-static.ts'
import type { CodeFormat, JudgedResult, Outcome } from '../../outcome.ts'
import { RequestFault } from '../platform-error.ts'
import { validate } from '../validate.ts'
import type { Kept, PlatformTools, ReportDraft } from '../platform.ts'
import { channelWord, HEALTH_CARD_TYPE, labelOf, MEDICAL_STEPS } from './dictionaries.ts'
import { needsDepartment, requests } from './schemas.ts'
import type { HealthCardSettings } from './settings.ts'
import { withoutEmpty } from './sign.ts'

export const REPORT_KIND = 'health-card/reportHISData'
export const BIND_KIND = 'health-card/bindCardRelation'

/** Formats whose use is reported under another 证件类型 (3.3.2) where `reportOtherCards` says so. */
const OTHER_CARDS: Partial<Record<CodeFormat, string>> = { 'identity-number': '01', 'social-security-card': '09', 'hospital-card': '10' }

/**
 * The reports that a result owes: none where the trade failed (3.3.1 成功状态), none for a
 * 用卡环节 that verifyQRCode has counted (3.2.11), unless `reportCounted`. Throws RequestFault: 422 where a
 * conditional field of 3.2.7 is known to nobody, 400 where one is wrong.
 */
export function reportsFor(
  settings: HealthCardSettings,
  { site }: Pick<PlatformTools, 'site'>,
  { outcome, kept, result, at }: { outcome: Outcome; kept: Kept; result: JudgedResult; at: number },
): ReportDraft[] {
  const qrCodeText = cardTextOf(outcome, kept)
  if (!result.succeeded) return []
  if (qrCodeText === undefined) return otherCardUse()
  // A scan that was counted has its step; the terminal's own may have been changed since.
  const scene = result.medicalStep || kept.countedSteps[0] || site.terminal.medicalStep
  const isVerified = kept.healthCardText === undefined || kept.healthCardText === qrCodeText
  const counted = isVerified && kept.countedSteps.includes(scene) && !settings.reportCounted
  const use = counted ? [] : [{ kind: REPORT_KIND, payload: useOf(scene, { qrCodeText, cardType: HEALTH_CARD_TYPE }) }]
  return [...use, ...binding()]

  /** 3.2.7 counts the uses of other cards too, by number and name. */
  function otherCardUse(): ReportDraft[] {
    const cardType = Object.hasOwn(OTHER_CARDS, outcome.code.format) ? OTHER_CARDS[outcome.code.format] : undefined
    if (!settings.reportOtherCards || cardType === undefined) return []
    const idCardNumber = result.idNumber?.trim() || outcome.patient?.idNumber
    const name = result.name?.trim() || outcome.patient?.name
    const path = idCardNumber ? 'name' : 'idNumber'
    if (!idCardNumber || !name) {
      throw incomplete(422, 'REPORT_IDENTITY_MISSING', path, '证件类型不是健康卡时必填', '请 HIS 在提交结果时带上 name 与 idNumber；本次没有保存任何上报。')
    }
    return [{ kind: REPORT_KIND, payload: useOf(result.medicalStep || site.terminal.medicalStep, { idCardNumber, name, cardType }) }]
  }

  function useOf(step: string, card: Record<string, string>): Record<string, unknown> {
    if (labelOf(MEDICAL_STEPS, step) === undefined) {
      throw incomplete(400, 'REPORT_STEP_UNKNOWN', 'medicalStep', '不在用卡环节表（3.3.1）中', '请 HIS 或信息科按用卡环节表填写后重新提交结果；本次没有保存任何上报。')
    }
    const department = result.department?.trim() || site.terminal.department
    if (needsDepartment(step) && !department) {
      throw incomplete(422, 'REPORT_DEPARTMENT_MISSING', 'department', '挂号、预约挂号、当日挂号必填', '请 HIS 在提交结果时带上 department，或在设置中填写 terminal.department；本次没有保存任何上报。')
    }
    const usedAt = result.tradeTime ? parseTime(result.tradeTime) : at
    if (usedAt === undefined) {
      throw incomplete(400, 'REPORT_TIME_INVALID', 'tradeTime', '应为 ISO 8601 或 yyyyMMddHHmmss', '请 HIS 改正后重新提交结果；本次没有保存任何上报。')
    }
    return {
      ...card,
      time: chinaDateTime(usedAt),
      hospitalId: site.hospital?.id ?? '',
      scene: step,
      ...(department ? { department } : {}),
      cardChannel: channelOf(settings, site.terminal.channel),
    }
  }

  function binding(): ReportDraft[] {
    const patid = result.patid?.trim()
    // verifyQRCode tells no patid, and its code is spent: only a static card can be known to have none.
    if (!settings.bindPatid || !patid || outcome.patient?.patid === patid || outcome.code.format !== 'health-card-static') return []
    return [{ kind: BIND_KIND, payload: { patid, qrCodeText } }]
  }
}

/** A use as 3.2.7 wants it, what the settings hold filled in; throws RequestFault (400) without a department that its step needs. */
export function wholeUse(settings: HealthCardSettings, { site }: Pick<PlatformTools, 'site'>, use: z.infer<typeof requests.reportHISData>): Record<string, unknown> {
  const scene = use.scene ?? site.terminal.medicalStep
  const department = use.department?.trim() || site.terminal.department?.trim()
  if (needsDepartment(scene) && !department) throw departmentMissing()
  const hospitalId = use.hospitalId || site.hospital?.id
  const cardChannel = use.cardChannel ?? channelOf(settings, site.terminal.channel)
  return { ...use, scene, department, hospitalId, cardChannel }
}

/** A use that was not scanned here (2.7.2), as the HIS tells it; undefined for another kind. */
export function ownReport(settings: HealthCardSettings, tools: Pick<PlatformTools, 'site'>, kind: string, content: Record<string, unknown>): ReportDraft | undefined {
  if (kind !== REPORT_KIND) return undefined
  const use = validate('health-card', requests.reportHISData, content) as z.infer<typeof requests.reportHISData>
  return { kind, payload: withoutEmpty(wholeUse(settings, tools, use)) }
}

function departmentMissing(): RequestFault {
  const message = '挂号、预约挂号、当日挂号必填'
  return new RequestFault('health-card', 'REQUEST_INVALID', `请求没有发出：department ${message}`, '请带上 department，或在设置中填写 terminal.department。', [
    { path: 'department', message },
  ])
}

/** cardChannel as the settings want it. */
export function channelOf(settings: Pick<HealthCardSettings, 'cardChannelAs'>, code: string): string {
  return settings.cardChannelAs === 'word' ? (channelWord(code) ?? code) : code
}

/** The card that was used: the scanned one, or the 电子健康码 that a 安康码 was exchanged for, if that is what was chosen. */
function cardTextOf(outcome: Outcome, kept: Kept): string | undefined {
  switch (outcome.code.format) {
    case 'health-card-static':
    case 'health-card-dynamic':
      return kept.codeText
    case 'ankang':
      // Of several 电子健康码 the first was verified; the one that was chosen is the one in use.
      return kept.healthCardText && outcome.targets.map(({ qrCode }) => qrCode).find(isHealthCard)
    default:
      return undefined
  }
}

function isHealthCard(text: string): boolean {
  return [healthCardStatic, healthCardDynamic].some(({ recognise }) => recognise(text, { matches: {} }))
}

/** 400 for a value that is wrong, 422 where one is known to nobody. */
function incomplete(status: 400 | 422, code: string, path: string, message: string, advice: string): RequestFault {
  return new RequestFault('health-card', code, `用卡数据不完整：${path} ${message}`, advice, [{ path, message }], status)
}
