/** 泉州 医保信用就医: BC00.03.00.01–07, and the release of a transaction whose result is unknown. */
import { z } from 'zod'
import type { Operation, PlatformDefinition } from '../platform.ts'
import { createCall } from './call.ts'
import type { Members } from './envelope.ts'
import { startInboundServer, type InboundServer } from './inbound-server.ts'
import { releaseRequest, SCHEMAS, type FunctionId } from './schemas.ts'
import { quanzhouSettings, type QuanzhouSettings } from './settings.ts'

/** A request's fields with those optional that the settings may hold. */
function published(functionId: FunctionId): z.ZodType {
  const shape = SCHEMAS[functionId].request.shape as Record<string, z.ZodType>
  const optional = ['fixmedins_code', 'opt_dept_name'].filter((name) => shape[name] !== undefined)
  return z.strictObject({ ...shape, ...Object.fromEntries(optional.map((name) => [name, shape[name]!.optional()])) })
}

export const quanzhou: PlatformDefinition<QuanzhouSettings> = {
  id: 'quanzhou',
  settingsKey: 'quanzhou',
  settings: quanzhouSettings,
  formats: [],
  create(settings, tools) {
    const call = createCall(settings, tools)
    const operations = Object.keys(SCHEMAS).map((name): [string, Operation] => {
      const functionId = name as FunctionId
      return [
        functionId,
        {
          source: `泉州 ${functionId}`,
          title: SCHEMAS[functionId].title,
          request: published(functionId),
          response: SCHEMAS[functionId].response,
          call: (body: Members, options) => call(functionId, body, options),
        },
      ]
    })
    const { inbound } = settings
    let server: InboundServer | undefined
    return {
      id: 'quanzhou',
      operations: {
        ...Object.fromEntries(operations),
        releaseTransaction: {
          source: '本终端',
          title: '解除结果未知的交易（核实没有办理后）',
          request: z.strictObject({ ...releaseRequest.shape, fixmedins_code: releaseRequest.shape.fixmedins_code.optional() }),
          response: z.object({ released: z.literal(true) }),
          call: async (body: Members) => call.release(body),
        },
      },
      ...(inbound && {
        async serve() {
          server = await startInboundServer({ ...settings, inbound }, tools)
        },
      }),
      close: async () => server?.close(),
    }
  },
}
