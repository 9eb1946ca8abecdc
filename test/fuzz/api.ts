/** Bodies and addresses of the local API, on a whole terminal. */
import { expect } from 'vitest'
import { errorBody } from '../../src/api/schemas.ts'
import { servedRoutes } from '../support/api-routes.ts'
import { enterAsTechnician } from '../support/technician.ts'
import { sampleText, type TestTerminal } from '../support/terminal.ts'
import { createRandom, type Random } from './random.ts'
import seeds from './seeds.json' with { type: 'json' }

const BODIES = [
  { text: 'MZ2020000101', kind: 'keyboard', name: '林安和' },
  { targetId: '#1' },
  { tradeNo: 'GH1', tradeState: '1', msg: '挂号成功', tradeTime: '20240506070809', medicalStep: '010101', department: '内科', name: '林安和', idNumber: '349901198810221026', patid: 'P1' },
  { pin: '123456', ticket: 'x', reason: 'y', department: '内科', sceneCode: '01002' },
  { name: '林安和', idNumber: '349901198810221026', idType: '01', gender: '女', nation: '汉族', birthday: '1988-10-22', phone1: '19900000113', qrCodeText: 'x', healthCardId: 'y' },
  { psn_name: '林安和', cert_no: '349901198810221026', hosp_mdtrt_id: '1', cert_type: '01', is_own: '1', frez_type: '1', opt_name: 'x', userName: '林安和', cardNo: '349901198810221026' },
]

/** Left out: they wait for a scanner or a network for longer than anybody would here, or end the session that asks. */
const NOT_ASKED = /detect-baud|diagnostics\/checks|session/

/** Bodies of the technician's calls. */
const TECHNICAL = [
  { what: 'outbox', why: 'x', who: 'y' },
  { settings: { terminal: { id: 'W1' }, api: { port: 0, token: { set: true } } }, why: 'x', revision: 'y' },
  { action: 'start', minutes: 1, mode: 'keyboard', keys: [{ text: 'M', at: 1 }] },
  { set: { 'req.name': 'x' }, why: 'y', state: 'dead', text: '林', limit: 5, passphrase: 'a-long-passphrase' },
  { pin: '111111', present: '000000', reason: 'x', who: 'y' },
]

/** Sends `count` requests; each has an answer, a fault in the one form, and the terminal has no fault of its own. */
export async function fuzzApi(t: TestTerminal, first: number, count: number): Promise<void> {
  const { paths } = (await t.request('GET', '/api/v1/openapi.json')).body as { paths: Record<string, Record<string, unknown>> }
  const calls = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })))
  const outcome = await t.scan(sampleText(t.simulator, 'card-static'))
  const technician = await enterAsTechnician(t)
  const own = servedRoutes().filter((key) => !NOT_ASKED.test(key)).map((key) => ({ path: key.split(' ')[1]!.replace(/:(\w+)/g, '{$1}'), method: key.split(' ')[0]! }))
  // Each has its time-outs; a platform that is asked in earnest would only make this slow.
  const usual = calls.filter(({ path }) => !path.includes('/platforms/'))
  const kept = seeds.kept.filter(({ target }) => target === 'API').map(({ seed }) => seed)
  for (const seed of [...kept, ...Array.from({ length: count }, (_, at) => first + at)]) {
    const random = createRandom(seed)
    const { path, method } = random.pick(random.chance(0.5) ? usual : calls)
    const address = addressOf(path, outcome.id, random)
    const body = method === 'GET' ? undefined : bodyOf(random, BODIES)
    await judge(t, seed, method, address, body)
    // The same again among the calls of screens and technicians.
    const internal = random.pick(own)
    const inside = addressOf(internal.path, outcome.id, random)
    await judge(t, seed, internal.method, inside, internal.method === 'GET' ? undefined : bodyOf(random, TECHNICAL), technician.token)
  }
  expect(t.log.filter((line) => /api\.fault|"level":"error"/.test(line))).toEqual([])
}

async function judge(t: TestTerminal, seed: number, method: string, address: string, body: string | undefined, token?: string): Promise<void> {
  const began = performance.now()
  const answer = await t.request(method, address, body, token === undefined ? {} : { authorization: `Bearer ${token}` }).catch((error: unknown) => expect.fail(`seed ${seed}, ${method} ${address}: ${String(error)}`))
  if (answer.status >= 400) {
    const shaped = errorBody.safeParse(answer.body)
    if (!shaped.success) expect.fail(`seed ${seed}, ${method} ${address}: ${answer.status} ${JSON.stringify(answer.body)}`)
    expect([400, 401, 403, 404, 405, 409, 410, 413, 422, 423, 502, 503, 504], `seed ${seed}`).toContain(answer.status)
  }
  expect(performance.now() - began, `seed ${seed}`).toBeLessThan(10_000)
}

function addressOf(path: string, id: string, random: Random): string {
  const whole = path.replace(/\{\w+\}/g, () => (random.chance(0.7) ? id : encodeURIComponent(random.text(30).toWellFormed()) || 'x'))
  if (random.chance(0.7)) return whole
  const query = Array.from({ length: random.below(4) }, () => `${encodeURIComponent(random.pick(['after', 'limit', 'ticket', random.text(5)]).toWellFormed())}=${encodeURIComponent(random.text(10).toWellFormed())}`)
  return `${whole}?${query.join('&')}`
}

function bodyOf(random: Random, bodies: readonly object[]): string {
  const value = random.chance(0.7) ? random.mutatedJson(random.pick(bodies)) : random.json()
  // What a technician writes for the audit stands there as it was written; the words drawn here may be anybody's.
  if (bodies === TECHNICAL && value !== null && typeof value === 'object') for (const said of ['who', 'why', 'reason'] as const) if (said in value) Object.assign(value, { [said]: 'x' })
  const text = JSON.stringify(value) ?? ''
  return random.chance(0.1) ? random.mutated(text) : text
}
