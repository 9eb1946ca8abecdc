/** The 11 interfaces of 电子健康卡 3.2 behind the gate. */
import { randomBytes } from 'node:crypto'
import { fieldFault, isFalseIdentityNumber } from '../fields.ts'
import { personOf } from '../people.ts'
import { isMembers } from '../play.ts'
import type { Trouble } from '../trouble.ts'
import type { Card, Cards } from './cards.ts'
import { BATCH_PERSON, RULES } from './rules.ts'

type Members = Record<string, unknown>
/** What an operation says: its `rsp`, or a return code. */
export type Said = ({ rsp: Members } | { refuse: string }) & { trouble?: Trouble | undefined }

/** One use of a card, by whichever interface it was counted. */
export type Use = { by: 'verifyQRCode' | 'reportHISData'; requestId: string; scene: string; time: string; [field: string]: unknown }

export type Ledger = { uses: Use[]; bound: Members[]; orders: Members[]; registered: Members[] }
export type Desk = { cards: Cards; ledger: Ledger; now(): number; appId: string; hospitalId: string }

const KEPT_USES = 100_000

export const OPERATIONS = ['getAppToken', ...Object.keys(RULES), 'registerBatchHealthCard']

/** Answers one request that has passed the gate. */
export function operate(desk: Desk, operation: string, req: Members, requestId: string): Said | Promise<Said> {
  if (operation === 'registerBatchHealthCard') return registerBatch(desk, req)
  const fault = fieldFault(req, RULES[operation] ?? {})
  if (fault !== undefined) return { refuse: fault.code ?? (fault.kind === 'type' ? '20001' : '10042') }
  switch (operation) {
    case 'registerHealthCard':
      return register(desk, req)
    case 'getHealthCardByHealthCode':
      return byHealthCode(desk, req['healthCode'] as string)
    case 'getHealthCardByQRCode':
      return withCard(desk, req, (card, trouble) => ({ rsp: { card: whole(desk, card, req['qrCodeText'] as string) }, trouble }))
    case 'ocrInfo':
      return ocr(req['imageContent'] as string)
    case 'bindCardRelation':
      return withCard(desk, req, (card) => {
        card.patid = req['patid'] as string
        desk.ledger.bound.push({ healthCardId: card.id, patid: card.patid })
        return { rsp: { result: true } }
      })
    case 'reportHISData':
      return report(desk, req, requestId)
    case 'getOrderIdByOutAppId':
      if (req['appId'] !== desk.appId) return { refuse: '21002' }
      return withCard(desk, req, (card) => {
        const orderId = randomBytes(16).toString('hex')
        desk.ledger.orders.push({ orderId, healthCardId: card.id })
        return { rsp: { orderId } }
      })
    case 'getDynamicQRCode':
      return dynamicCode(desk, req)
    default:
      return verify(desk, req, requestId)
  }
}

function register(desk: Desk, req: Members): Said {
  const text = (name: string) => String(req[name] ?? '')
  if (text('wechatCode').startsWith('USED')) return { refuse: '10010' }
  const refuse = identityFault(req)
  if (refuse !== undefined) return { refuse }
  const card = desk.cards.issue(
    {
      name: text('name'), gender: text('gender') === '男' ? '男' : '女', nation: text('nation'), birthday: text('birthday'),
      idType: text('idType'), idNumber: text('idNumber'), phone: text('phone1'), address: text('address'),
    },
    { patid: text('patid'), phone2: text('phone2') },
  )
  if (card.person.name !== req['name']) return { refuse: '10056' }
  if (card.frozen) return { refuse: '-10031' }
  desk.ledger.registered.push({ healthCardId: card.id, name: card.person.name })
  const qrCodeText = desk.cards.staticCode(card)
  return { rsp: { qrCodeText, healthCardId: '', phid: card.phid, adminExt: adminExt(card, qrCodeText) } }
}

/** 核身: number, birthday and gender must agree; a name that says so fails. */
function identityFault(req: Members): string | undefined {
  const number = String(req['idNumber'])
  if (String(req['name']).includes('核身')) return '10015'
  if (req['idType'] !== '01') return undefined
  if (!/^\d{17}[\dX]$/.test(number)) return '-10026'
  if (isFalseIdentityNumber(number)) return '-10027'
  const birthday = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`
  const gender = Number(number[16]) % 2 === 1 ? '男' : '女'
  return birthday === req['birthday'] && gender === req['gender'] ? undefined : '10015'
}

function registerBatch(desk: Desk, req: Members): Said {
  const items = req['healthCardItems']
  if (!Array.isArray(items) || items.length === 0) return { refuse: '10042' }
  for (const item of items) {
    const fault = isMembers(item) ? fieldFault(item, BATCH_PERSON) : { code: '20001', kind: 'type' }
    if (fault !== undefined) return { refuse: fault.code ?? (fault.kind === 'type' ? '20001' : '10042') }
  }
  const rspItems = (items as Members[]).map((item) => {
    const said = register(desk, item)
    const qrCodeText = 'rsp' in said ? said.rsp['qrCodeText'] : ''
    return { qrCodeText, idNumber: item['idNumber'], healthCardId: '' }
  })
  return { rsp: { rspItems } }
}

function byHealthCode(desk: Desk, text: string): Said {
  const code = desk.cards.healthCode(text)
  const card = code === undefined ? undefined : desk.cards.byId(code.cardId)
  if (code === undefined || card === undefined || code.used) return { refuse: '10008' }
  code.used = true
  return { rsp: { card: whole(desk, card, desk.cards.staticCode(card)) } }
}

/** Finds the card of `qrCodeText`, static or dynamic, and refuses where there is none or it is frozen. */
function withCard(desk: Desk, req: Members, use: (card: Card, trouble: Trouble | undefined) => Said): Said {
  const text = req['qrCodeText'] as string
  const dynamic = desk.cards.dynamicCode(text)
  if (dynamic?.refuse !== undefined) return { refuse: dynamic.refuse, trouble: dynamic.trouble }
  const still = /^([0-9A-Za-z]{32,64}):1$/.exec(text)
  if (dynamic === undefined && still === null) return { refuse: '10020' }
  const card = desk.cards.byId(dynamic?.cardId ?? (still?.[1] as string))
  if (card === undefined) return { refuse: '-10019' }
  return card.frozen ? { refuse: '-10031' } : use(card, dynamic?.trouble)
}

function whole(desk: Desk, card: Card, qrCodeText: string): Members {
  const { name, gender, nation, birthday, idNumber, idType, address, phone } = card.person
  const healthCardId = qrCodeText === desk.cards.staticCode(card) ? '' : card.id
  const person = { name, gender, nation, birthday, idNumber, idType, address, phone1: phone, phone2: card.phone2 }
  return { qrCodeText, ...person, phid: card.phid, patid: card.patid, healthCardId, adminExt: adminExt(card, qrCodeText) }
}

function adminExt(card: Card, qrCodeText: string): string {
  const { name, gender, nation, birthday, idNumber, address, phone } = card.person
  const record = { qr_code: qrCodeText, ecardId: card.id, main_index: card.phid, id_number: idNumber, name, sex: gender }
  return JSON.stringify({ ...record, birthday, telephone: phone, nation, unit: 'null', address })
}

function ocr(imageContent: string): Said {
  const picture = /^[0-9A-Za-z+/]+={0,2}$/.test(imageContent) ? Buffer.from(imageContent, 'base64') : Buffer.alloc(0)
  const isJpeg = picture.subarray(0, 2).equals(Buffer.from([0xff, 0xd8]))
  const isPng = picture.subarray(1, 4).toString('latin1') === 'PNG'
  if (!isJpeg && !isPng) return { refuse: '-10039' }
  const { name, idNumber, gender, nation, birthday, address } = personOf('lin')
  const [year, month, day] = birthday.split('-').map(Number)
  const cardInfo = { name, id: idNumber, gender, nation: nation.replace('族', ''), birth: `${year}/${month}/${day}`, address }
  return { rsp: { cardInfo: { ...cardInfo, authority: '', validDate: '' } } }
}

function report(desk: Desk, req: Members, requestId: string): Said {
  if (req['hospitalId'] !== desk.hospitalId) return { refuse: '21005' }
  const text = req['qrCodeText']
  const shaped = typeof text !== 'string' || text === '' || /^[0-9A-Za-z]{32,64}:(1|0:[0-9A-Za-z]{32}::\w+)$/.test(text)
  if (!shaped) return { refuse: '10020' }
  count(desk, { by: 'reportHISData', requestId, scene: String(req['scene']), time: String(req['time']), req })
  return { rsp: { none: '' } }
}

/** Writes a use down; a soak test must not fill the memory with them. */
function count(desk: Desk, use: Use): void {
  if (desk.ledger.uses.push(use) > 2 * KEPT_USES) desk.ledger.uses.splice(0, KEPT_USES)
}

async function dynamicCode(desk: Desk, req: Members): Promise<Said> {
  const card = desk.cards.byId(req['healthCardId'] as string)
  if (card === undefined) return { refuse: '-10019' }
  if (card.frozen) return { refuse: '-10031' }
  if (card.person.idType !== req['idType'] || card.person.idNumber !== req['idNumber']) return { refuse: '10015' }
  const qrCodeText = desk.cards.mintDynamic(card)
  // Loaded by the one interface that draws: the demo's start does not wait for it.
  const { toDataURL } = await import('qrcode')
  const picture = await toDataURL(qrCodeText, { errorCorrectionLevel: 'M', margin: 2 })
  return { rsp: { qrCodeText, qrCodeImg: picture.slice(picture.indexOf(',') + 1) } }
}

function verify(desk: Desk, req: Members, requestId: string): Said {
  const code = desk.cards.dynamicCode(req['qrCodeText'] as string)
  const card = code === undefined ? undefined : desk.cards.byId(code.cardId)
  if (code === undefined || card === undefined) return { refuse: '10020' }
  if (code.refuse !== undefined) return { refuse: code.refuse, trouble: code.trouble }
  if (code.usedAt !== undefined || desk.now() >= code.diesAt) return { refuse: '10020', trouble: code.trouble }
  if (card.frozen) return { refuse: '-10031' }
  code.usedAt = desk.now()
  const use = { healthCardId: card.id, terminalId: req['terminalId'], time: String(req['time']) }
  count(desk, { by: 'verifyQRCode', requestId, scene: String(req['medicalStep']), ...use })
  const { address, birthday, idNumber, idType, name, nation, phone, gender } = card.person
  const rsp = { address, birthday, healthCardId: card.id, idNumber, idType, phid: card.phid, name, nation, phone, gender }
  return { rsp, trouble: code.trouble }
}
