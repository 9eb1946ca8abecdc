/** 电子健康卡 3.2: what each interface takes and gives; what the settings hold may be left out of a request. */
import { z } from 'zod'
import { parseTime } from '../../china-time.ts'
import { isIdentityNumber } from '../../codes/identity-number.ts'
import { birthdayWord } from '../birthday.ts'
import { numberOf, replyFilled, replyText } from '../reply-fields.ts'
import { CHANNEL_WORDS, CHANNELS, DEPARTMENT_STEPS, HEALTH_CARD_TYPE, ID_TYPES, MEDICAL_STEPS, nationWord } from './dictionaries.ts'

const filled = () => z.string().trim().min(1)
/** A scanner or a keyboard may write the check character small; the platform takes only the large one. */
const largeX = (idNumber: string) => (/^\d{17}x$/.test(idNumber) ? idNumber.toUpperCase() : idNumber)
const idNumber = () => filled().overwrite(largeX)
const optional = () => z.string().optional()
const oneOf = (dictionary: Readonly<Record<string, string>>, name: string) =>
  filled().refine((code) => Object.hasOwn(dictionary, code), `不在${name}中`)

const time = z.string().refine((text) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) && parseTime(text) !== undefined, '应为 yyyy-MM-dd HH:mm:ss')
const birthday = z
  .string()
  // 3.2.5 gives 1991/5/25 where 3.2.2 takes 1991-05-25.
  .overwrite((text) => (text.includes('/') ? (birthdayWord(text) ?? text) : text))
  .refine((text) => /^\d{4}-\d\d-\d\d$/.test(text) && parseTime(`${text} 00:00:00`) !== undefined, '应为 yyyy-MM-dd')
const idType = () => oneOf(ID_TYPES, '证件类型表')
const step = () => oneOf(MEDICAL_STEPS, '用卡环节表')
const qrCodeText = filled().max(512)

/** 3.2.5 gives 汉 where 3.2.2 takes 汉族. */
const nation = () => filled().overwrite(nationWord)

const person = {
  /** Filled in from the settings, where they have one for cards without the patient's WeChat. */
  wechatCode: filled(),
  name: filled(),
  gender: z.enum(['男', '女']),
  nation: nation(),
  birthday,
  idNumber: idNumber(),
  idType: idType(),
  address: optional(),
  phone1: filled(),
  phone2: optional(),
}

/** 居民身份证 numbers are checked here: the platform would only say 身份证不合法. */
const identityHolds = <T extends { idType: string; idNumber: string }>(schema: z.ZodType<T>) =>
  schema.refine(({ idType: type, idNumber: number }) => type !== '01' || isIdentityNumber(number), { path: ['idNumber'], message: '不是有效的居民身份证号' })

/** 3.2.9: where a hospital's old records have no 民族, 未知 is to be sent. */
const batchItem = identityHolds(
  z.strictObject({ ...person, nation: nation().default('未知'), patid: filled(), openId: filled(), wechatUrl: z.url({ protocol: /^https?$/, message: '应为 http(s) 网址' }) }),
)

export const requests = {
  getAppToken: z.strictObject({ appId: optional() }),
  registerHealthCard: identityHolds(z.strictObject({ ...person, patid: optional() })),
  getHealthCardByHealthCode: z.strictObject({ healthCode: filled() }),
  getHealthCardByQRCode: z.strictObject({ qrCodeText }),
  ocrInfo: z.strictObject({ imageContent: filled().max(16_000_000) }),
  bindCardRelation: z.strictObject({ patid: filled(), qrCodeText }),
  reportHISData: z
    .strictObject({
      qrCodeText: optional(),
      idCardNumber: z.string().overwrite(largeX).optional(),
      name: optional(),
      time,
      hospitalId: optional(),
      scene: step().optional(),
      department: optional(),
      cardType: idType(),
      cardChannel: filled().refine((word) => Object.hasOwn(CHANNELS, word) || CHANNEL_WORDS.has(word), '不在用卡渠道表中').optional(),
    })
    .superRefine(conditional),
  getOrderIdByOutAppId: z.strictObject({ appId: optional(), qrCodeText }),
  registerBatchHealthCard: z.strictObject({ healthCardItems: z.array(batchItem).min(1).max(10_000) }),
  getDynamicQRCode: z.strictObject({ healthCardId: filled(), idType: idType(), idNumber: idNumber() }),
  verifyQRCode: z.strictObject({
    qrCodeText,
    terminalId: optional(),
    time,
    medicalStep: step().optional(),
    useCityCode: optional(),
    useCityName: optional(),
    hospitalCode: optional(),
    hospitalName: optional(),
    orgId: optional(),
    name: optional(),
    idCard: optional(),
    useScene: step().optional(),
    useType: idType().optional(),
    useChannel: oneOf(CHANNELS, '用卡渠道表').optional(),
    /** In the sample (3.2.11), not in its table. */
    channelCode: optional(),
    channelName: optional(),
  }),
}

/** 3.2.7: which fields a card type and a step call for; `department` is asked for once the settings have filled in. */
function conditional(report: { cardType: string; qrCodeText?: string | undefined; idCardNumber?: string | undefined; name?: string | undefined }, context: z.RefinementCtx): void {
  const need = (path: 'qrCodeText' | 'idCardNumber' | 'name', message: string) => {
    if (!report[path]?.trim()) context.addIssue({ code: 'custom', path: [path], message })
  }
  if (report.cardType === HEALTH_CARD_TYPE) return need('qrCodeText', '证件类型是健康卡时必填')
  need('idCardNumber', '证件类型不是健康卡时必填')
  need('name', '证件类型不是健康卡时必填')
}

/** Whether 3.2.7 asks for a department at this step. */
export const needsDepartment = (scene: string): boolean => DEPARTMENT_STEPS.includes(scene)

const word = replyText()
const given = replyFilled()

/** Without adminExt: it is the card system's whole record and is neither kept, logged nor shown. */
export const card = z.object({
  qrCodeText: word,
  name: word,
  gender: word,
  nation: word,
  birthday: word,
  idNumber: word,
  idType: word,
  address: word,
  phone1: word,
  phone2: word,
  phid: word,
  patid: word,
  healthCardId: word,
})

const seconds = z.preprocess((value) => numberOf(value ?? 7200), z.number().positive().max(604_800)).default(7200)

export const responses = {
  getAppToken: z.object({ appToken: given, expiresIn: seconds }),
  registerHealthCard: z.object({ qrCodeText: given, healthCardId: word, phid: word }),
  getHealthCardByHealthCode: z.object({ card }),
  getHealthCardByQRCode: z.object({ card }),
  ocrInfo: z.object({
    cardInfo: z.object({ name: word, id: word, gender: word, nation: word, birth: word, address: word, authority: word, validDate: word }),
  }),
  bindCardRelation: z.object({ result: z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean()) }),
  reportHISData: z.object({ none: word }),
  getOrderIdByOutAppId: z.object({ orderId: given }),
  registerBatchHealthCard: z.object({
    /** `error` is ours: why a person has no card. */
    rspItems: z.array(z.object({ qrCodeText: word, idNumber: word, healthCardId: word, error: z.unknown().optional() })),
  }),
  getDynamicQRCode: z.object({ qrCodeText: given, qrCodeImg: word }),
  verifyQRCode: z.object({
    address: word,
    birthday: word,
    healthCardId: word,
    idNumber: word,
    idType: word,
    phid: word,
    name: word,
    nation: word,
    phone: word,
    gender: word,
  }),
}
