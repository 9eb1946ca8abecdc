/** The use case: a scan is recognised, its platform asked, and an ending found. Read this file first. */
import { birthdayOf, genderOf, idTypeNameOf } from './codes/identity-number.ts'
import { CODES } from './codes/index.ts'
import {
  CODE_FORMATS,
  PLATFORM_NAMES,
  type CodeFormat,
  type EVoucher,
  type Failure,
  type Fault,
  type Patient,
  type PlatformId,
  type Status,
  type Target,
} from './outcome.ts'
import { PlatformError } from './platforms/platform-error.ts'
import type { Answer, Code, Kept, Platform, PlatformDefinition } from './platforms/platform.ts'

/** How a scan ended, before the agent numbers and publishes it. */
export type Ending = {
  format: CodeFormat
  status: Status
  patient?: Patient
  eVoucher?: EVoucher
  targets: Target[]
  failures: Failure[]
  notices?: string[]
  error?: Fault
  kept: Kept
}

/** What a screen shows while a platform is asked. */
export type Asking = { format: CodeFormat; formatName: string; asking: { platform: PlatformId; platformName: string }[] }

export type Transcode = {
  /** Never rejects: every fault is an ending. */
  scan(text: string, options?: { onAsking?: (asking: Asking) => void; signal?: AbortSignal }): Promise<Ending>
  /**
   * What a choice among targets adds: an 电子健康码 names its own patient, who
   * may be another than the one who showed the code (a parent and a child).
   */
  choose(target: Target, before: { patient?: Patient; kept: Kept }): Promise<{ patient?: Patient; kept: Kept; failures: Failure[] }>
}

/** One format as this terminal takes it. `platform` is asked about it; null where nobody is, and its code is all there is. */
export type TakenFormat = { format: CodeFormat; label: string; platform: PlatformId | null; taken: boolean }

/** Every format that a patient can be known by, in the order of their registry. */
export function takenFormats({ definitions, platforms, recognition }: Pick<TranscodeOptions, 'definitions' | 'platforms'> & { recognition: Readonly<Record<string, unknown>> }): TakenFormat[] {
  return CODES.filter(({ ofNobody }) => !ofNobody).map(({ format, label, pattern, handedOn }) => {
    const id = definitions.find(({ formats }) => formats.includes(format))?.id
    const isAsked = id !== undefined && platforms.some((platform) => platform.id === id)
    const isSet = pattern === undefined || recognition[pattern.setting] !== ''
    return { format, label, platform: isAsked ? id : null, taken: isSet && (id === undefined || isAsked || handedOn === true) }
  })
}

export type TranscodeOptions = {
  recognise(text: string): Code
  definitions: readonly Pick<PlatformDefinition, 'id' | 'formats'>[]
  /** The configured ones; a definition without one here is off. */
  platforms: readonly Platform[]
  /** Whether an 电子健康码 among the targets goes on to verifyQRCode; default true. */
  verifyHealthCardTargets?: boolean
}

/** 4 digits of the area and 002: 电子健康码 (安康码 8.1). */
const HEALTH_CODE_TARGET = /^\d{4}002$/

/** Makes the use case. */
export function createTranscode(options: TranscodeOptions): Transcode {
  const platformById = new Map(options.platforms.map((platform) => [platform.id, platform]))
  const definitionOf = (format: CodeFormat) => options.definitions.find((definition) => definition.formats.includes(format))
  const verify = options.verifyHealthCardTargets === false ? undefined : platformById.get('health-card')?.verify

  return {
    async scan(text, { onAsking, signal } = {}) {
      const code = options.recognise(text)
      const { format } = code
      if (format === 'payment' || format === 'unknown') return { ...nothing(format), status: 'unrecognised', error: UNRECOGNISED[format] }
      if (format === 'identity-number') return { ...nothing(format), status: 'accepted', patient: patientOf(code.text) }
      const id = definitionOf(format)?.id
      const platform = id && platformById.get(id)
      if (!id || (!platform && isHandedOn(format))) return handedOn(code)
      if (!platform?.ask) return { ...nothing(format), status: 'unavailable', error: notConfigured(id, format) }
      const asking = (asked: PlatformId) => onAsking?.({ format, formatName: CODE_FORMATS[format], asking: [{ platform: asked, platformName: PLATFORM_NAMES[asked] }] })
      asking(platform.id)
      try {
        const ending = accepted(code, await platform.ask(code, signal ? { signal } : {}))
        const cards = ending.targets.filter((target) => isHealthCode(target, code.text))
        const [only] = cards
        // Of several cards nobody knows yet whose is meant.
        if (!only || cards.length > 1 || !verify) return ending
        asking('health-card')
        const { patient, kept, failures } = await verified(only, ending, signal)
        return { ...ending, ...(patient ? { patient } : {}), kept, failures: [...ending.failures, ...failures] }
      } catch (error) {
        const { ending, fault } = faultOf(error, platform.id)
        const own = ending === 'unavailable' ? platform.unanswered?.(code) : undefined
        return { ...(own ? accepted(code, own) : nothing(format)), status: ending, error: fault }
      }
    },
    async choose(target, before) {
      if (!isHealthCode(target, before.kept.codeText) || !verify || before.kept.healthCardText === target.qrCode) return { ...before, failures: [] }
      return verified(target, { kept: before.kept })
    },
  }

  /** An 电子健康码 that 安康码 was exchanged for names its patient only through verifyQRCode. */
  async function verified(
    target: Target,
    before: { patient?: Patient; kept: Kept },
    signal?: AbortSignal,
  ): Promise<{ patient?: Patient; kept: Kept; failures: Failure[] }> {
    try {
      const answer = await verify!(target.qrCode, signal ? { signal } : {})
      const countedSteps = [...before.kept.countedSteps, ...(answer.countedStep ? [answer.countedStep] : [])]
      return {
        patient: { ...before.patient, ...answer.patient },
        kept: { ...before.kept, healthCardText: target.qrCode, countedSteps },
        failures: [],
      }
    } catch (error) {
      return { ...before, failures: [{ type: target.type, error: faultOf(error, 'health-card').fault }] }
    }
  }
}

/** Whether a target carries an 电子健康码 of its own: 识读 (5.2) gives the scanned code back. */
function isHealthCode(target: Target, scanned: string | undefined): boolean {
  return HEALTH_CODE_TARGET.test(target.type) && target.qrCode !== '' && target.qrCode !== scanned
}

function accepted(asked: Code, answer: Answer): Ending {
  const targets = answer.targets ?? []
  return {
    format: asked.format,
    status: targets.length > 1 ? 'choose' : 'accepted',
    targets,
    failures: answer.failures ?? [],
    kept: { codeText: asked.text, countedSteps: answer.countedStep ? [answer.countedStep] : [] },
    ...(answer.patient ? { patient: answer.patient } : {}),
    ...(answer.eVoucher ? { eVoucher: answer.eVoucher } : {}),
    ...(answer.notices?.length ? { notices: answer.notices } : {}),
  }
}

function isHandedOn(format: CodeFormat): boolean {
  return CODES.some((code) => code.format === format && code.handedOn === true)
}

/** Nobody is asked: the code itself is what the HIS goes on with. */
function handedOn(code: Code): Ending {
  const target: Target = { type: code.format, typeName: CODE_FORMATS[code.format], qrCode: code.text, id: '', object: {} }
  return { ...nothing(code.format), status: 'accepted', targets: [target] }
}

function patientOf(idNumber: string): Patient {
  return {
    idNumber,
    // 电子健康卡 3.3.2 has no codes of their own for the others: 其他法定有效证件.
    idType: idTypeNameOf(idNumber) === '居民身份证' ? '01' : '99',
    idTypeName: idTypeNameOf(idNumber),
    gender: genderOf(idNumber),
    birthday: birthdayOf(idNumber),
  }
}

function nothing(format: CodeFormat): Omit<Ending, 'status'> {
  return { format, targets: [], failures: [], kept: { countedSteps: [] } }
}

function faultOf(error: unknown, platform: PlatformId): { ending: 'rejected' | 'unavailable'; fault: Fault } {
  if (error instanceof PlatformError) return { ending: error.ending, fault: error.fault }
  // A fault of our own must not leave staff without an ending; its text stays out, it may quote the code.
  return {
    ending: 'unavailable',
    fault: {
      platform,
      code: 'TERMINAL_FAULT',
      message: '终端处理这个码时出错',
      advice: '请重新扫码；再次出现请按应急流程办理，并把诊断包交给信息科。',
      retryable: true,
    },
  }
}

function notConfigured(id: PlatformId | undefined, format: CodeFormat): Fault {
  return {
    platform: id ?? 'maqiao',
    code: 'PLATFORM_NOT_CONFIGURED',
    message: `本终端没有开通${CODE_FORMATS[format]}`,
    advice: '请患者改用身份证、医保电子凭证或就诊卡；需要开通请联系信息科。',
    retryable: false,
  }
}

const UNRECOGNISED: Record<'payment' | 'unknown', Fault> = {
  payment: {
    platform: 'maqiao',
    code: 'CODE_PAYMENT',
    message: '这是付款码，不是就诊码',
    advice: '请患者退出付款页，打开电子健康卡、安康码或医保电子凭证后重新出示；付款码没有被保存。',
    retryable: false,
  },
  unknown: {
    platform: 'maqiao',
    code: 'CODE_UNKNOWN',
    message: '不认识这个码',
    advice: '请患者出示电子健康卡、安康码或医保电子凭证；没有的话请出示身份证或就诊卡。',
    retryable: false,
  },
}
