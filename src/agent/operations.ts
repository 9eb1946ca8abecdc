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
