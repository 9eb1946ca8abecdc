/** The five platforms played on loopback, strict about signatures: for the demo, rehearsals and tests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createAnkang } from './ankang.ts'
import { answerControl, type Control } from './control.ts'
import { createBeijing } from './beijing.ts'
import { ACCOUNTS, demoSettings, type SettingsChoice } from './demo-settings.ts'
import { createEVoucher } from './e-voucher.ts'
import { createFaults } from './faults.ts'
import { createCards } from './health-card/cards.ts'
import { createHealthCard } from './health-card/play.ts'
import type { Play } from './play.ts'
import { callInbound, type InboundAnswer, type InboundOptions } from './quanzhou/inbound.ts'
import { createQuanzhou } from './quanzhou/play.ts'
import { DEFAULT_PROFILE } from './quanzhou/profile.ts'
import { createRequestList } from './request-list.ts'
import { samplesOf, type Sample } from './samples.ts'
import { deliverWith, isLostOnTheWay } from './trouble.ts'
import { createYuejiantong } from './yuejiantong.ts'

/** Largest request that is read, bytes. */
const MAX_BODY = 8 * 1024 * 1024

export type SimulatorOptions = {
  /** Life of a dynamic health card code, ms; default 5 minutes. */
  codeLifeMs?: number
  /** Added to every answer, ms; default 0: answers at once. */
  latencyMs?: number
  now?: () => number
}

export type Simulator = {
  /** Listens on 127.0.0.1; port 0 takes a free one. Resolves to the origin. Rejects when the port is in use. */
  listen(port?: number): Promise<string>
  /** Ends every connection, hanging ones included. */
  close(): Promise<void>
  /** Closes the port as a machine that is off would, until the returned function is called. */
  outage(): Promise<() => Promise<void>>
  /** Throws before `listen`. */
  readonly origin: string
  /** `terminal`, `hospital`, `platforms` and `recognition` of a settings file that points here. */
  settings(choice?: SettingsChoice): ReturnType<typeof demoSettings>
  /** Codes for every format and every ending. */
  samples(): Sample[]
  books(): Record<string, Record<string, unknown>>
  /** 泉州 asks the hospital's own interface 获取医院收费信息 at a URL. Rejects when nobody answers within 10 s. */
  callInbound(url: string, hospMdtrtId: string, options?: Partial<Omit<InboundOptions, 'now'>>): Promise<InboundAnswer>
  readonly control: Control
}

export function createSimulator(options: SimulatorOptions = {}): Simulator {
  let skewMs = 0
  const now = () => (options.now ?? Date.now)() + skewMs
  const faults = createFaults()
  const requests = createRequestList()
  const cards = createCards({ now, codeLifeMs: options.codeLifeMs ?? 300_000 })
  const ankang = createAnkang(cards)
  const healthCard = createHealthCard({ account: ACCOUNTS.healthCard, cards, now })
  const yuejiantong = createYuejiantong({ account: ACCOUNTS.yuejiantong, now })
  const quanzhou = createQuanzhou({ keys: ACCOUNTS.quanzhou })
  const plays: Play[] = [
    ankang,
    healthCard,
    quanzhou,
    createBeijing(ACCOUNTS.beijing),
    yuejiantong,
    createEVoucher(ACCOUNTS.eVoucher),
  ]
  let origin = ''
  let server: Server | undefined

  const books = () => Object.fromEntries(plays.map((play) => [play.id, play.books()]))
  const samples = () => samplesOf({ ankang, cards, exchangeCode: yuejiantong.mint })
  const control: Control = {
    fault: (fault) => faults.add(fault),
    faults: () => faults.list(),
    clearFaults: () => faults.clear(),
    reset() {
      skewMs = 0
      faults.clear()
      requests.clear()
      for (const play of plays) play.reset()
    },
    books,
    requests: () => requests.list(),
    clock: (wanted) => void (skewMs = wanted),
    dataForm: (form) => ankang.setDataForm(form),
    contrary: (platform, on) => (platform === 'ankang' ? ankang : yuejiantong).setContrary(on),
    killToken: () => healthCard.killToken(),
    quanzhou: (ways) => quanzhou.setWays(ways),
    requestIdOrder: (order) => healthCard.setIdOrder(order),
    healthCode: (key) => cards.mintHealthCode(cards.ofPerson(key)),
    exchangeCode: (key) => yuejiantong.mint(key),
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    const date = new Date(now()).toUTCString()
    const send = (status: number, type: string, text: string) =>
      void response.writeHead(status, { 'content-type': type, date, 'content-length': Buffer.byteLength(text) }).end(text)
    const json = 'application/json;charset=utf-8'
    if (body === undefined) return send(413, 'text/plain', '')
    if (request.url?.startsWith('/_control') === true) {
      const handled = answerControl(control, samples, request, body)
      return send(handled.status, json, JSON.stringify(handled.body))
    }
    const startedAt = performance.now()
    const url = new URL(request.url ?? '/', origin)
    const method = request.method ?? 'GET'
    for (const play of plays) {
      const operation = play.operationOf(method, url.pathname, body)
      if (operation === undefined) continue
      const fault = faults.take(play.id, operation)
      const note = (ended: string) =>
        requests.add({ at: now(), platform: play.id, operation, ms: performance.now() - startedAt, ended, body })
      if (fault !== undefined && isLostOnTheWay(fault)) {
        note(fault.mode)
        return deliverWith(response, fault, undefined, date)
      }
      // With another mode it is the answer that the trouble is done to: a refusal that is lost.
      const forced = { forcedCode: fault?.code, forcedMessage: fault?.message, trouble: fault?.mode }
      const answered = play.answer({ operation, method, url, headers: request.headers, body, now: now(), ...forced })
      const reply = answered instanceof Promise ? await answered : answered
      const trouble = fault ?? reply.trouble
      note(trouble === undefined || trouble.mode === 'code' ? reply.code : `${reply.code} ${trouble.mode}`)
      if (trouble !== undefined) return deliverWith(response, trouble, reply, date)
      if ((options.latencyMs ?? 0) > 0) {
        return deliverWith(response, { mode: 'slow', delayMs: options.latencyMs as number }, reply, date)
      }
      return send(reply.status ?? 200, reply.type ?? json, reply.body)
    }
    send(404, 'text/plain', 'not found')
  }

  async function open(port: number): Promise<void> {
    const opened = createServer((request, response) => {
      handle(request, response).catch(() => {
        if (!response.headersSent) response.writeHead(500)
        response.end()
      })
    })
    // Longer than any client keeps an idle connection, so that only ordered resets are resets.
    opened.keepAliveTimeout = 65_000
    await new Promise<void>((resolve, reject) => {
      opened.once('error', reject)
      opened.listen(port, '127.0.0.1', () => {
        opened.off('error', reject)
        resolve()
      })
    })
    server = opened
    const address = opened.address()
    origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`
  }

  async function shut(): Promise<void> {
    const open = server
    server = undefined
    if (open === undefined) return
    await new Promise<void>((resolve) => {
      open.close(() => resolve())
      open.closeAllConnections()
    })
  }

  function whereabouts(): string {
    if (origin === '') throw new Error('the simulator does not listen yet')
    return origin
  }

  return {
    async listen(port = 0) {
      await open(port)
      return origin
    },
    close: shut,
    async outage() {
      const port = Number(new URL(whereabouts()).port)
      await shut()
      return () => open(port)
    },
    get origin() {
      return whereabouts()
    },
    settings: (choice) => demoSettings(whereabouts(), choice),
    samples,
    books,
    callInbound: (url, hospMdtrtId, given = {}) =>
      callInbound(url, hospMdtrtId, ACCOUNTS.quanzhou, {
        profile: DEFAULT_PROFILE,
        institution: ACCOUNTS.eVoucher.orgId,
        ...given,
        now: now(),
      }),
    control,
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (request.method === 'GET') return ''
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) return undefined
    chunks.push(chunk)
  }
  return chunks.length === 1 ? (chunks[0] as Buffer).toString('utf8') : Buffer.concat(chunks).toString('utf8')
}
