/** Every interface of the documents by its own name, of the platforms that are configured. */
import type { Operation, Platform } from '../transcode/platforms/platform.ts'
import { AgentError } from './fault.ts'
import { DEFINITIONS } from './settings.ts'

export type NamedOperation = { platform: string; operation: string; title: string; source: string; definition: Operation }

export type Operations = {
  /** Rejects with AgentError (404, 503), RequestFault or PlatformError. */
  call(platform: string, operation: string, body: unknown, signal?: AbortSignal): Promise<unknown>
  list(): NamedOperation[]
}

export function createOperations(platforms: readonly Platform[]): Operations {
  return {
    async call(platformId, operationName, body, signal) {
      if (!DEFINITIONS.some(({ id }) => id === platformId)) throw new AgentError('PLATFORM_UNKNOWN')
      const platform = platforms.find(({ id }) => id === platformId)
      if (!platform) throw new AgentError('PLATFORM_NOT_CONFIGURED')
      const operation = Object.hasOwn(platform.operations, operationName) ? platform.operations[operationName] : undefined
      if (!operation) throw new AgentError('OPERATION_UNKNOWN')
      return operation.call(body as never, signal ? { signal } : {})
    },
    list: () =>
      platforms.flatMap((platform) =>
        Object.entries(platform.operations).map(([operation, definition]) => ({
          platform: platform.id,
          operation,
          title: definition.title,
          source: definition.source,
          definition,
        })),
      ),
  }
}

/** Operations that ask and change nothing at the platform; all others, a new one too, are written into the audit whoever calls them. */
const ASKING = new Set([
  'ankang/transcode', 'ankang/identify', 'ankang/config',
  'health-card/getHealthCardByHealthCode', 'health-card/getHealthCardByQRCode', 'health-card/ocrInfo', 'health-card/getOrderIdByOutAppId', 'health-card/getDynamicQRCode',
  'health-card/getUserCode', 'health-card/getHealthCardList', 'health-card/batchActiveCard',
  'quanzhou/BC00.03.00.01', 'quanzhou/BC00.03.00.02', 'quanzhou/BC00.03.00.07',
  'beijing/entryUrl', 'beijing/checkFace', 'yuejiantong/exchangeCode', 'e-voucher/query',
])

/** Whether calling it may change money, cards, counts or tokens at the platform. */
export function changesSomething(platform: string, operation: string): boolean {
  return !ASKING.has(`${platform}/${operation}`)
}
