/** Calls that need a token: with one retry where the token, and nothing else, was refused. */
import { PlatformError } from '../platform-error.ts'
import type { PlatformTools } from '../platform.ts'
import type { Exchange, Members } from './exchange.ts'
import { TOKEN_CODES } from './return-codes.ts'
import type { HealthCardOperation } from './settings.ts'
import type { Tokens } from './token.ts'

/** Gives `rsp`. Rejects with PlatformError. */
export type CallWithToken = (operation: Exclude<HealthCardOperation, 'getAppToken'>, req: Members, signal?: AbortSignal) => Promise<Members>

/** Makes the call; 21001, 21003 and 21004 renew the token and try once more under a new requestId. */
export function createCallWithToken(options: { exchange: Exchange; tokens: Tokens; tools: PlatformTools }): CallWithToken {
  const { exchange, tokens, tools } = options
  return async (operation, req, signal) => {
    const appToken = await tokens.current()
    try {
      return await exchange(operation, req, { appToken, requestId: tools.newId(), signal })
    } catch (error) {
      if (!isTokenRefusal(error)) throw error
      tokens.drop(appToken)
      tools.log('health-card.token.refused', { operation, code: error.fault.code })
      return exchange(operation, req, { appToken: await tokens.current(), requestId: tools.newId(), signal })
    }
  }
}

/** Whether a new token would help. */
export function isTokenRefusal(error: unknown): error is PlatformError {
  return error instanceof PlatformError && TOKEN_CODES.includes(error.fault.code)
}
