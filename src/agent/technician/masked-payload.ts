/** A payload of which a technician sees the shape: whatever is not a value known to be harmless is masked. */
import { maskEnd, maskIdNumber, maskName, maskPhone } from '../../devices/scan.ts'
import { isRecord } from '../../transcode/is-record.ts'
import * as ankang from '../../transcode/platforms/ankang/dictionaries.ts'
import * as beijing from '../../transcode/platforms/beijing/dictionaries.ts'
import * as eVoucher from '../../transcode/platforms/e-voucher/dictionaries.ts'
import * as healthCard from '../../transcode/platforms/health-card/dictionaries.ts'
import * as quanzhou from '../../transcode/platforms/quanzhou/dictionaries.ts'
import * as yuejiantong from '../../transcode/platforms/yuejiantong/dictionaries.ts'

/** Words of protocols; a platform may give any member any value, so a member's name makes none harmless. */
const PROTOCOL_WORDS = ['success', 'fail', 'failed', 'failure', 'error', 'ok', 'OK', 'SUCCESS', 'FAIL', 'true', 'false', 'user', 'chs', 'ec']
/** Codes and words of the documents' tables. */
const DICTIONARY = new Set([
  ...PROTOCOL_WORDS,
  ...[
    ankang.SCENES, beijing.CARD_TYPES, eVoucher.BUSINESS_TYPES, eVoucher.ID_TYPES, eVoucher.GENDERS, healthCard.MEDICAL_STEPS, healthCard.ID_TYPES, healthCard.CHANNELS, healthCard.FEE_TYPES,
    quanzhou.ENTERPRISE_TYPES, quanzhou.ID_TYPES, quanzhou.SEXES, quanzhou.INSURED_STATUSES, quanzhou.BILLING_STATUSES, yuejiantong.CERTIFICATE_TYPES, yuejiantong.GENDERS, yuejiantong.NATIONS, yuejiantong.CHANNELS, yuejiantong.BUSINESS_TYPES,
  ].flatMap((table) => Object.entries(table).flatMap(([code, entry]) => [code, typeof entry === 'string' ? entry : (entry as { name: string }).name])),
])
/** A number of so few digits tells nobody who it is. */
const MOST_NUMBER = 999
/** 12 digits of an area (安康码 1.3), and a target's type made of one (8.1). */
const AREA = /^[1-8]\d{5}0{6}$|^34\d{2}00[23]$/

export type PayloadField = { path: string; value: string | number | boolean | null; masked: boolean }

/** The same shape with masks in it. */
export function maskPayload(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => maskPayload(item, key))
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([name, item]) => [shownName(name), maskPayload(item, name)]))
  return maskLeaf(value, key)
}

/** Every leaf with its dotted path. */
export function fieldsOf(value: unknown, masked: boolean, path: string[] = [], key = ''): PayloadField[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => fieldsOf(item, masked, [...path, String(index)], key))
  if (isRecord(value))
    return Object.entries(value).flatMap(([name, item]) => fieldsOf(item, masked, [...path, masked ? shownName(name) : name], name))
  const whole = value as PayloadField['value']
  const shown = masked ? maskLeaf(whole, key) : whole
  return [{ path: path.join('.'), value: shown, masked: shown !== whole }]
}

function maskLeaf<T>(value: T, key: string): T | string {
  if (typeof value === 'number') return Math.abs(value) <= MOST_NUMBER ? value : maskText(String(value), key)
  return typeof value === 'string' && !isHarmless(value) ? maskText(value, key) : value
}

function isHarmless(text: string): boolean {
  return text === '' || DICTIONARY.has(text) || AREA.test(text) || /^-?\d{1,3}(\.\d{1,2})?$/.test(text)
}

/** How much of it is shown goes by the member's name; whether any of it is, by the value alone. */
function maskText(text: string, key: string): string {
  if (/name$|姓名/i.test(key)) return maskName(text)
  if (!/\p{Script=Han}/u.test(text)) return maskPhone(text)
  return [...text].length <= 4 ? maskName(text) : maskEnd(text)
}

/** A member may be named by what it is about. */
function shownName(name: string): string {
  return /\d{6}/.test(name) ? maskIdNumber(name) : name
}
