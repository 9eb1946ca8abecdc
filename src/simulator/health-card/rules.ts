/** The request tables of 电子健康卡 3.2, held to strictly. */
import { isDate, isDateTime, isFalseIdentityNumber, type FieldRule } from '../fields.ts'
import { CHANNELS, ID_TYPES, STEPS } from './return-codes.ts'

type Members = Record<string, unknown>

const QR: FieldRule = { missing: '10018' }
const DAY: FieldRule = { check: isDate, bad: '10051' }
const PERSON: Readonly<Record<string, FieldRule>> = {
  wechatCode: { missing: '10012', pattern: /^[0-9A-Za-z_-]{8,64}$/, bad: '10011' },
  name: { missing: '10013', max: 100 },
  gender: { missing: '-10025', oneOf: ['男', '女'] },
  nation: { missing: '-10025' },
  birthday: { ...DAY, missing: '-10025' },
  idNumber: { missing: '10014' },
  idType: { missing: '-10025', oneOf: ID_TYPES },
  address: { optional: true },
  phone1: { missing: '10043' },
  phone2: { optional: true },
  patid: { optional: true },
}
const isCard = (members: Members) => members['cardType'] === '11'
const NEEDS_DEPARTMENT = ['010101', '0101011', '0101012']

/** What each interface asks for, and the return code where it is missing or wrong. */
export const RULES: Readonly<Record<string, Readonly<Record<string, FieldRule>>>> = {
  registerHealthCard: PERSON,
  getHealthCardByHealthCode: { healthCode: { missing: '10007', pattern: /^[0-9A-Za-z]{16,64}$/, bad: '10009' } },
  getHealthCardByQRCode: { qrCodeText: QR },
  ocrInfo: { imageContent: { missing: '10041', max: 1_000_000, bad: '20004' } },
  bindCardRelation: { patid: { missing: '10033' }, qrCodeText: QR },
  reportHISData: {
    qrCodeText: { ...QR, optional: (members) => !isCard(members) },
    idCardNumber: { missing: '10014', optional: isCard, check: (text) => !isFalseIdentityNumber(text), bad: '-10027' },
    name: { missing: '10013', optional: isCard },
    time: { check: isDateTime, bad: '10051' },
    hospitalId: {},
    scene: { oneOf: STEPS },
    department: { optional: (members) => !NEEDS_DEPARTMENT.includes(String(members['scene'])) },
    cardType: { oneOf: ID_TYPES },
    cardChannel: { oneOf: [...CHANNELS, '服务号', 'app', '窗口'] },
  },
  getOrderIdByOutAppId: { appId: {}, qrCodeText: QR },
  getDynamicQRCode: { healthCardId: { missing: '10006' }, idType: { oneOf: ID_TYPES }, idNumber: { missing: '10014' } },
  verifyQRCode: {
    qrCodeText: QR,
    terminalId: { missing: '-10024' },
    time: { check: isDateTime, bad: '10051' },
    medicalStep: { oneOf: STEPS },
    useCityCode: { pattern: /^\d{6}$/ },
    useCityName: {},
    hospitalCode: {},
    hospitalName: {},
    orgId: { optional: true },
    name: { optional: true },
    idCard: { optional: true },
    useScene: { optional: true },
    useType: { optional: true, oneOf: ID_TYPES },
    useChannel: { optional: true, oneOf: CHANNELS },
  },
}

/** One of healthCardItems (3.2.9). */
export const BATCH_PERSON: Readonly<Record<string, FieldRule>> = {
  ...PERSON,
  patid: { missing: '10033' },
  openId: {},
  wechatUrl: { pattern: /^https?:\/\// },
}
