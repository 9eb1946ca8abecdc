/** 安康码 7.2–7.5 under their own names. */
import { z } from 'zod'
import type { Operation, PlatformTools } from '../platform.ts'
import { validate } from '../validate.ts'
import { validReply } from '../valid-reply.ts'
import { requests, responses } from './schemas.ts'
import type { AnkangSettings } from './settings.ts'
import { itemsOf, type AnkangOperation, type AnkangReply, type Ask } from './wire.ts'

/** Makes the four operations; what the settings hold is filled in. */
export function createOperations(settings: AnkangSettings, { site }: PlatformTools, ask: Ask): Record<AnkangOperation, Operation> {
  const onlyType = settings.targetTypes.length === 1 ? settings.targetTypes[0] : undefined
  const city = (given: string | undefined) => (given ?? site.terminal.cityNo).padEnd(12, '0')
  const asked = ({ cityNo, qrCodeUrl, targetType = onlyType, senceCode, sceneCode }: z.infer<typeof requests.identify>) => {
    const scene = senceCode ?? sceneCode ?? site.terminal.sceneCode
    return { cityNo: city(cityNo), qrCodeUrl, targetType, ...(scene === undefined ? {} : { [settings.sceneField]: scene }) }
  }
  const withType = <T extends { targetType?: string | undefined }>(schema: z.ZodType<T>) =>
    schema.refine((body) => (body.targetType ?? onlyType) !== undefined, { path: ['targetType'], message: '必填：配置了多个目标码类型' })

  return {
    transcode: define('安康码规范 7.3', '安康码转码', withType(requests.transcode), responses.transcode, async (body, signal) => {
      const { targetObject = settings.targetObjects[body.targetType ?? onlyType ?? ''], ...rest } = body
      const extra = targetObject === undefined ? {} : { targetObject: typeof targetObject === 'string' ? targetObject : JSON.stringify(targetObject) }
      const reply = await ask('transcode', { ...asked(rest), ...extra }, signal)
      return validReply('ankang', responses.transcode, { ...reply, data: itemsOf(reply.data) })
    }),
    identify: define('安康码规范 7.2', '安康码识读', withType(requests.identify), responses.identify, async (body, signal) => {
      return validReply('ankang', responses.identify, firstItem(await ask('identify', asked(body), signal)))
    }),
    message: define('安康码规范 7.4', '消息回传', requests.message, responses.message, async (body, signal) => {
      const { data: _none, ...reply } = await ask('message', { ...body, cityNo: city(body.cityNo) }, signal)
      return reply
    }),
    config: define('安康码规范 7.5', '转码配置信息查询', withType(requests.config), responses.config, async (body, signal) => {
      const reply = await ask('config', { cityNo: city(body.cityNo), targetType: body.targetType ?? onlyType }, signal)
      return validReply('ankang', responses.config, firstItem(reply))
    }),
  }
}

function define<T>(
  source: string,
  title: string,
  request: z.ZodType<T>,
  response: z.ZodType,
  call: (body: T, signal: AbortSignal | undefined) => Promise<unknown>,
): Operation {
  return { source, title, request, response, call: async (body: unknown, { signal }) => call(validate('ankang', request, body), signal) }
}

function firstItem(reply: AnkangReply): AnkangReply {
  return { ...reply, data: itemsOf(reply.data)[0] ?? {} }
}

