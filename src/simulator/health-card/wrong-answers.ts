/** Answers with a right signature and a wrong content, where a control call asks for them. */
import { PEOPLE, type PersonKey } from '../people.ts'
import { isMembers } from '../play.ts'
import type { TroubleMode } from '../trouble.ts'
import type { Card, Cards } from './cards.ts'

type Members = Record<string, unknown>

/** `rsp` as it is, of somebody else's card (`other-person`), or of the first half of a batch (`incomplete`). */
export function wrongAnswer(trouble: TroubleMode | undefined, rsp: Members, cards: Cards): Members {
  const { card, rspItems } = rsp
  if (trouble === 'incomplete' && Array.isArray(rspItems)) return { ...rsp, rspItems: rspItems.slice(0, Math.floor(rspItems.length / 2)) }
  if (trouble !== 'other-person') return rsp
  const told = JSON.stringify(rsp)
  const all = PEOPLE.map(({ key }) => cards.ofPerson(key as PersonKey))
  const other = all.find(({ id, person }) => !told.includes(person.idNumber) && !told.includes(id)) ?? all[0]!
  if (isMembers(card)) return { ...rsp, card: ofOther(card, other, cards) }
  if (Array.isArray(rspItems)) return { ...rsp, rspItems: rspItems.map((item: Members) => ofOther(item, other, cards)) }
  return ofOther(rsp, other, cards)
}

/** The same members with the values of another card; what was empty stays empty. */
function ofOther(members: Members, card: Card, cards: Cards): Members {
  const isDynamic = /:0:/.test(String(members['qrCodeText']))
  const other: Members = {
    ...card.person, phone1: card.person.phone, phid: card.phid, patid: card.patid, healthCardId: card.id,
    qrCodeText: isDynamic ? cards.mintDynamic(card) : cards.staticCode(card),
  }
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, value === '' ? '' : (other[name] ?? value)]))
}
