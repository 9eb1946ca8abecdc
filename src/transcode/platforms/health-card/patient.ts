/** A card's fields as the Patient that every platform gives. */
import { identityFacts, idTypeNameFor } from '../../codes/identity-number.ts'
import type { Patient } from '../../outcome.ts'
import { birthdayWord } from '../birthday.ts'
import { transportError } from '../transport-error.ts'
import { ID_TYPES, labelOf, nationWord } from './dictionaries.ts'

/** The fields of `card` (3.2.4) and of verifyQRCode's rsp (3.2.11), whichever are there. */
export type CardFields = Partial<
  Record<
    | 'qrCodeText' | 'name' | 'gender' | 'nation' | 'birthday' | 'idNumber' | 'idType' | 'address' | 'phone' | 'phone1' | 'phone2'
    | 'phid' | 'patid' | 'healthCardId',
    string | undefined
  >
>

/**
 * Throws PlatformError REPLY_OTHER where an answer names another card than the one that was
 * asked about: 数据完整性 (2.8.3.6). What stands before the colon of either code is the 健康卡 ID;
 * a text without one asks about no card.
 */
export function mustBeOf(askedText: string, { qrCodeText, healthCardId }: Pick<CardFields, 'qrCodeText' | 'healthCardId'>): void {
  const asked = idIn(askedText)
  if (asked === undefined) return
  const other = [idIn(qrCodeText), healthCardId].some((id) => id && id.trim().toUpperCase() !== asked.toUpperCase())
  if (other) throw transportError('health-card', 'REPLY_OTHER', { detail: 'healthCardId', answered: true })
}

/** 3.2.2: a static code itself tells the 健康卡 ID, and nothing else of the person. */
export function unverifiedOf(qrCodeText: string): Patient {
  const healthCardId = idIn(qrCodeText)
  return healthCardId === undefined ? {} : { healthCardId }
}

/** Makes a Patient of a card. Throws PlatformError REPLY_SHAPE where the card does not say whose it is. */
export function patientOf(card: CardFields, qrCodeText: string): Patient {
  const idNumber = card.idNumber?.trim().toUpperCase()
  if (!card.name?.trim() || !idNumber) {
    throw transportError('health-card', 'REPLY_SHAPE', { detail: card.name?.trim() ? 'idNumber' : 'name', answered: true })
  }
  const facts = identityFacts(idNumber)
  const words = {
    idType: card.idType,
    // verifyQRCode's own sample says "0", which is in no table.
    idTypeName: idTypeNameFor(facts, labelOf(ID_TYPES, card.idType)) ?? facts?.idTypeName,
    gender: genderWord(card.gender) ?? facts?.gender,
    nation: card.nation && nationWord(card.nation),
    phone: card.phone || card.phone1 || card.phone2,
    phone2: card.phone1 && card.phone2,
    birthday: birthdayWord(card.birthday) ?? facts?.birthday ?? card.birthday,
    address: card.address,
    healthCardId: card.healthCardId || idIn(card.qrCodeText || qrCodeText),
    phid: card.phid,
    patid: card.patid,
    qrCodeText: card.qrCodeText,
  }
  const told = Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined && value !== ''))
  return { name: card.name.trim(), idNumber, ...told }
}

/** 3.2.2: the 健康卡 ID is what stands before the colon, its first 64 characters. */
function idIn(qrCodeText: string | undefined): string | undefined {
  return /^([0-9A-Za-z]{32,64}):/.exec(qrCodeText ?? '')?.[1]
}

function genderWord(gender: string | undefined): string | undefined {
  if (!gender) return undefined
  if (/^(男|1)/.test(gender)) return '男'
  return /^(女|2)/.test(gender) ? '女' : '未知'
}
