/** The card system behind the played 电子健康卡 platform: who holds which card, and which codes are alive. */
import { createHash, randomBytes } from 'node:crypto'
import { PEOPLE, type Person, type PersonKey } from '../people.ts'
import type { Trouble } from '../trouble.ts'

export type Card = {
  /** 64 hex characters. */
  readonly id: string
  readonly phid: string
  readonly person: Pick<Person, 'name' | 'gender' | 'nation' | 'birthday' | 'idType' | 'idNumber' | 'phone' | 'address'>
  readonly phone2: string
  frozen: boolean
  patid: string
}

/** What a dynamic code was made for; `refuse` is the return code it always gets. */
type DynamicCode = { cardId: string; diesAt: number; usedAt: number | undefined; refuse: string | undefined; trouble: Trouble | undefined }

export type Cards = ReturnType<typeof createCards>

const ISSUER = '35020001001'

export function createCards(options: { now(): number; codeLifeMs: number }) {
  const byId = new Map<string, Card>()
  const dynamic = new Map<string, DynamicCode>()
  const healthCodes = new Map<string, { cardId: string; used: boolean }>()

  function issue(person: Card['person'], extra: { frozen?: boolean; patid?: string; phone2?: string } = {}): Card {
    const id = idOf(`${person.idType} ${person.idNumber}`)
    const held = byId.get(id)
    // FAQ 5: a second registration changes nothing.
    if (held !== undefined) return held
    const card: Card = {
      id,
      phid: idOf(`phid ${person.idType} ${person.idNumber}`),
      person,
      phone2: extra.phone2 ?? '',
      frozen: extra.frozen ?? false,
      patid: extra.patid ?? '',
    }
    byId.set(id, card)
    return card
  }

  function reset(): void {
    byId.clear()
    dynamic.clear()
    healthCodes.clear()
    for (const person of PEOPLE) issue(person, { frozen: person.frozen, patid: person.patid })
  }
  reset()

  return {
    issue,
    reset,
    byId: (id: string) => byId.get(id),
    ofPerson(key: PersonKey): Card {
      const person = PEOPLE.find((one) => one.key === key) as Person
      return issue(person)
    },
    staticCode: (card: Card) => `${card.id}:1`,
    /** A fresh one-use code of a card. */
    mintDynamic(card: Card, extra: { refuse?: string; trouble?: Trouble; lifeMs?: number } = {}): string {
      const text = `${card.id}:0:${randomBytes(16).toString('hex').toUpperCase()}::${ISSUER}`
      const diesAt = options.now() + (extra.lifeMs ?? options.codeLifeMs)
      if (dynamic.size > 50_000) dynamic.delete(dynamic.keys().next().value as string)
      dynamic.set(text, { cardId: card.id, diesAt, usedAt: undefined, refuse: extra.refuse, trouble: extra.trouble })
      return text
    },
    dynamicCode: (text: string) => dynamic.get(text),
    /** A fresh one-use 健康卡授权码. */
    mintHealthCode(card: Card): string {
      const text = randomBytes(16).toString('hex').toUpperCase()
      healthCodes.set(text, { cardId: card.id, used: false })
      return text
    },
    healthCode: (text: string) => healthCodes.get(text),
    list: () => [...byId.values()].map(({ id, phid, frozen, patid, person }) => ({ id, phid, frozen, patid, name: person.name })),
  }
}

function idOf(text: string): string {
  return createHash('sha256').update(`maqiao ${text}`).digest('hex').toUpperCase()
}
