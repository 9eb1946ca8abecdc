/** What the two flows make of a scanned 安康码: 转码 gives targets, 识读 gives the person. */
import type { Failure, Patient, Target } from '../../outcome.ts'
import { identityFacts } from '../../codes/identity-number.ts'
import { PlatformError } from '../platform-error.ts'
import type { Answer, PlatformTools } from '../platform.ts'
import { validReply } from '../valid-reply.ts'
import { targetTypeName } from './dictionaries.ts'
import { noTarget, sceneNotAllowed } from './return-codes.ts'
import { identity, transcodeItem } from './schemas.ts'
import type { AnkangSettings } from './settings.ts'
import type { TargetConfig } from './target-config.ts'
import { itemsOf, targetObjectOf, type Ask } from './wire.ts'

type Parts = { settings: AnkangSettings; tools: PlatformTools; ask: Ask; config: TargetConfig }
export type Answers = (qrCodeUrl: string, signal: AbortSignal | undefined) => Promise<Answer>

/** Makes the flow that the settings choose. */
export function createAnswers(parts: Parts): Answers {
  const { settings, tools, ask, config } = parts
  const nameOf = (type: string) => targetTypeName(type) ?? config.nameOf(type) ?? '目标码'

  return async (qrCodeUrl, signal) => {
    const { cityNo, sceneCode } = tools.site.terminal
    const allowed = await Promise.all(settings.targetTypes.map((type) => config.allows(type, sceneCode)))
    const types = settings.targetTypes.filter((_, at) => allowed[at])
    const skipped = settings.targetTypes.filter((_, at) => !allowed[at])
    const notices = skipped.length === 0 ? [] : [`按平台配置，本场景不适用：${skipped.map(nameOf).join('、')}，没有查询。`]
    const body = (targetType: string) => ({
      cityNo,
      qrCodeUrl,
      targetType,
      ...(sceneCode === undefined ? {} : { [settings.sceneField]: sceneCode }),
    })
    const [first] = types
    // 5.2 exchanges nothing here: what the scene allows is for 转码.
    if (settings.flow === 'identify') return identify(first ?? settings.targetTypes[0]!)
    if (first === undefined) throw sceneNotAllowed()
    return transcode()

    async function transcode(): Promise<Answer> {
      const asked = await Promise.allSettled(types.map((type) => targetsOf(type)))
      const targets = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
      const errors = asked.flatMap((one, at) => (one.status === 'rejected' ? [{ type: types[at] ?? '', error: platformError(one.reason) }] : []))
      if (targets.length === 0) throw mostTelling(errors.map(({ error }) => error))
      // That a person has no card of one type is an answer, not a failure, once there is another.
      const isAbsent = ({ error }: { error: PlatformError }) => error.fault.code === 'TARGET_NONE'
      const failures: Failure[] = errors.filter((one) => !isAbsent(one)).map(({ type, error }) => ({ type, error: error.fault }))
      return { targets, failures, notices: [...notices, ...errors.filter(isAbsent).map(({ error }) => `${error.fault.message}。`), ...notReported(targets)] }
    }

    async function targetsOf(type: string): Promise<Target[]> {
      const extra = settings.targetObjects[type]
      const { data } = await ask('transcode', { ...body(type), ...(extra && { targetObject: JSON.stringify(extra) }) }, signal)
      const targets = itemsOf(data).flatMap((item) => {
        const { targetQrCode = '', targetId = '', targetObject } = validReply('ankang', transcodeItem, item)
        if (targetQrCode === '' && targetId === '') return []
        return [{ type, typeName: nameOf(type), qrCode: targetQrCode, id: targetId, object: targetObjectOf(targetObject) }]
      })
      if (targets.length === 0) throw noTarget(nameOf(type))
      return targets
    }

    /** 5.2: the HIS passes the 安康码 itself on to its card system, in place of a target's own code, whatever 识读 says. */
    async function identify(type: string): Promise<Answer> {
      const itself: Target = { type: 'ankang', typeName: '安康码', qrCode: qrCodeUrl, id: '', object: {} }
      if (settings.endpoints.identify === undefined) return { targets: [itself] }
      try {
        const { data } = await ask('identify', body(type), signal)
        const person = validReply('ankang', identity, itemsOf(data)[0] ?? {})
        const { targetType, targetId = '', targetObject } = person
        const object = targetObjectOf(targetObject)
        const given = targetId !== '' || Object.keys(object).length > 0
        const ofType = targetType || type
        const target = given ? { type: ofType, typeName: nameOf(ofType), qrCode: qrCodeUrl, id: targetId, object } : itself
        return { patient: patientOf(person), targets: [target], notices: [...notices, ...notAuthorised(person), ...notReported([target])] }
      } catch (error) {
        const { fault } = platformError(error)
        if (signal?.aborted) throw error
        const told = `安康码识读没有成功（${fault.message}），安康码已原样交给 HIS：请核对患者证件，由卡管系统识读。`
        return { targets: [itself], failures: [{ type, error: fault }], notices: [...notices, told] }
      }
    }

    /** 7.4 names its target card by targetId. */
    function notReported(targets: readonly Target[]): string[] {
      if (settings.endpoints.message === undefined || targets.every(({ id }) => id !== '')) return []
      const which = targets.length === 1 ? '' : `其中的${[...new Set(targets.filter(({ id }) => id === '').map(({ typeName }) => typeName))].join('、')}`
      return [`平台没有给出${which}目标码唯一标识（targetId），办理结果不能回传给安康码。`]
    }
  }
}

type Identity = ReturnType<typeof identity.parse>

function patientOf(given: Identity): Patient {
  const patient: Patient = {}
  const idNumber = given.idcardNo?.toUpperCase()
  if (given.name) patient.name = given.name
  if (idNumber) patient.idNumber = idNumber
  Object.assign(patient, identityFacts(idNumber))
  if (given.userPhone) patient.phone = given.userPhone
  if (given.healthLevel) patient.healthLevel = given.healthLevel
  if (given.isSelf) patient.isSelf = /^(1|true|y|是)$/i.test(given.isSelf)
  if (given.authType) patient.authType = given.authType
  if (given.authObject) patient.authObject = given.authObject
  if (given.dataSource) patient.dataSource = given.dataSource
  return patient
}

/** 7.2: these four are given only where the patient has opened 通用授权. */
function notAuthorised(given: Identity): string[] {
  const fields = { name: '姓名', idcardNo: '证件号码', userPhone: '手机号', healthLevel: '健康状态' } as const
  const absent = Object.entries(fields).flatMap(([field, label]) => (given[field as keyof typeof fields] ? [] : [label]))
  if (absent.length === 0) return []
  return [`平台没有给出${absent.join('、')}：请患者在皖事通的安康码中开启“通用授权”，刷新后重扫；或由工作人员核对证件后录入。`]
}

function platformError(reason: unknown): PlatformError {
  if (reason instanceof PlatformError) return reason
  throw reason
}

/** A refusal tells more than a platform that did not answer; that a card is missing tells least, as another may exist. */
function mostTelling(errors: readonly PlatformError[]): PlatformError {
  const weight = (error: PlatformError) => (error.fault.code === 'TARGET_NONE' ? 0 : error.ending === 'rejected' ? 3 : error.answered ? 2 : 1)
  return errors.reduce((best, error) => (weight(error) > weight(best) ? error : best))
}
