/** Calls on the configured platforms, by the terminal's own code; what costs or counts is held back unless it is allowed. */
import { createAgent } from '../../agent/create-agent.ts'
import { createLog } from '../../agent/log.ts'
import { createDispatcher } from '../../agent/network.ts'
import { changesSomething } from '../../agent/operations.ts'
import type { Settings } from '../../agent/settings.ts'
import { PLATFORM_NAMES, type PlatformId } from '../../transcode/outcome.ts'
import { createHttpClient, type HttpClient } from '../../transcode/platforms/http.ts'
import { Skipped } from './point.ts'
import type { TestData } from './test-data.ts'

export type Members = Record<string, unknown>
export type Asked = { answer: Members; ms: number }

export type Asker = {
  readonly settings: Settings
  has(platform: PlatformId): boolean
  /** The interface's title, and document and section; undefined where it is not offered. */
  named(platform: PlatformId, operation: string): { title: string; source: string } | undefined
  /**
   * Makes a call with the body that is given, or with that of the test data. Rejects with Skipped where the
   * platform is not configured, the call counts and may not, or there is no body; else as the agent does.
   */
  ask(platform: PlatformId, operation: string, body?: Members): Promise<Asked>
  /** The same answer for every point that asks, and with it the requestIds that it was asked under. */
  once<T>(ask: () => Promise<T>): () => Promise<T>
  /** The requestIds that were sent, or whose answers were used again, since the last call of this. */
  takeRequestIds(): string[]
  close(): Promise<void>
}

/** They change nothing at the platform, but use up a code, or may be charged for. */
const COSTS = new Set([
  'health-card/getHealthCardByHealthCode', 'health-card/ocrInfo', 'health-card/getOrderIdByOutAppId',
  'yuejiantong/exchangeCode', 'beijing/checkFace', 'e-voucher/query',
])
/** What a query cannot do without. */
const TOKENS = new Set(['getAppToken', 'tokenSource', 'token'])

/** Whether a call costs, counts, or uses something up at the platform. */
export function isCounted(platform: string, operation: string): boolean {
  return !TOKENS.has(operation) && (changesSomething(platform, operation) || COSTS.has(`${platform}/${operation}`))
}

/** Makes an agent that reads no device and sends no report. Throws OutboxError or SettingsError. */
export function createAsker(options: { settings: Settings; dataDir: string; version: string; mayCount: boolean; testData: TestData }): Asker {
  const { settings, mayCount, testData } = options
  const client = createHttpClient({ dispatcher: createDispatcher(settings.network), fresh: createDispatcher(settings.network, { kept: false }) })
  let requestIds: string[] = []
  const http: HttpClient = {
    // The last door: whatever is asked for above, nothing that counts leaves without leave.
    send(request) {
      if (!mayCount && isCounted(request.platform, request.operation)) return Promise.reject(new Skipped(NEEDS_LEAVE))
      const sent = /"requestId":"([0-9A-Za-z-]{1,64})"/.exec(request.body ?? '')?.[1]
      if (sent !== undefined) requestIds.push(sent)
      return client.send(request)
    },
    close: () => client.close(),
  }
  const log = createLog({ level: 'error', maxFileBytes: 1_000_000, files: 1, write: () => {} })
  const agent = createAgent({ settings, dataDir: options.dataDir, log, version: options.version, http })
  const offered = agent.operations()
  return {
    settings,
    has: (platform) => offered.some((one) => one.platform === platform),
    named: (platform, operation) => offered.find((one) => one.platform === platform && one.operation === operation),
    async ask(platform, operation, given) {
      if (!offered.some((one) => one.platform === platform)) throw new Skipped(`没有配置${PLATFORM_NAMES[platform]}`)
      if (!offered.some((one) => one.platform === platform && one.operation === operation)) throw new Skipped('没有开通这个接口')
      if (!mayCount && isCounted(platform, operation)) throw new Skipped(NEEDS_LEAVE)
      const body = given ?? (await testData(`${platform}/${operation}`))
      if (body === undefined) throw new Skipped(`没有测试数据：请在 --calls 文件中写 "${platform}/${operation}"`)
      const from = performance.now()
      const answer = (await agent.call(platform, operation, body)) as Members
      return { answer, ms: Math.round(performance.now() - from) }
    },
    once(ask) {
      let asked: ReturnType<typeof ask> | undefined
      let ids: string[] = []
      return () => {
        if (asked === undefined) asked = ask().finally(() => (ids = [...requestIds]))
        else requestIds = [...requestIds, ...ids]
        return asked
      }
    },
    takeRequestIds() {
      const taken = [...new Set(requestIds)]
      requestIds = []
      return taken
    },
    close: () => agent.stop(0),
  }
}

const NEEDS_LEAVE = '会计数、计费或用掉码：加 --yes 才发送'
