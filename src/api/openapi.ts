/** OpenAPI 3.1 of the local API, from the same schemas that check the requests. */
import { z } from 'zod'
import type { Agent } from '../agent/agent.ts'
import type { Route } from './route.ts'
import { errorBody, event } from './schemas.ts'

const PREFIX = '/api/v1/'

const FAULT_WORDS: Record<number, string> = {
  400: '请求内容不对',
  401: '没有凭据或凭据不对',
  403: '来源、主机或权限不允许',
  404: '没有这个对象',
  409: '当前状态不允许',
  410: '已超过保存时间',
  413: '请求内容过大',
  422: '平台拒绝，或缺少必需的内容',
  429: '请求太频繁',
  500: '终端内部出错',
  502: '平台没有可用的答复',
  503: '没有配置或正在退出',
  504: '平台超时',
  507: '无法保存（磁盘已满或不可写）',
}

/** What any call may come to. */
const ALWAYS = [403, 429, 500, 503]

/** The one call that is no request and answer; OpenAPI has no words for what a WebSocket carries but these. */
const EVENTS = {
  operationId: 'getEvents',
  summary: '事件（WebSocket）：先是 hello，再补发 after 之后错过的，然后是正在发生的',
  description:
    '每条消息为一个 Event（components.schemas.Event），按 type 区分；outcome 的 data 即扫码结果，seq 与它的 seq 相同。' +
    '每 20 秒 ping 一次；45 秒没有收到任何东西请重连。after 大于最新序号为 400 SEQ_UNKNOWN。' +
    '凭据：Authorization 头，或子协议 maqiao.v1, bearer.令牌，或 ?ticket=（POST /api/v1/tickets）。',
  tags: ['maqiao'],
  parameters: [
    { name: 'after', in: 'query', required: false, schema: { type: 'integer', minimum: 0 }, description: '已处理到的 seq' },
    { name: 'ticket', in: 'query', required: false, schema: { type: 'string' }, description: '一次性票据' },
  ],
  responses: { 101: { description: '转为 WebSocket' }, ...faults([400, 401, 404, ...ALWAYS]) },
}

export function openApi(routes: readonly Route[], agent: Agent): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    if (route.internal) continue
    const path = route.url.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(route) }
  }
  paths[`${PREFIX}events`] = { get: EVENTS }
  for (const { platform, operation, title, source, definition } of agent.operations()) {
    paths[`${PREFIX}platforms/${platform}/${operation}`] = {
      post: {
        operationId: `${platform}_${operation}`.replace(/\W/g, '_'),
        summary: `${title}（${source}）`,
        tags: [platform],
        requestBody: { required: true, ...content(jsonSchema(definition.request, 'input')) },
        responses: {
          200: { description: '文档规定的响应字段', ...content(jsonSchema(definition.response, 'output')) },
          ...faults([400, 401, 404, 409, 413, 422, 502, 504, 507, ...ALWAYS]),
        },
      },
    }
  }
  const { document, schemas } = hoisted({
    openapi: '3.1.0',
    info: { title: '码桥 MaQiao 本地接口', version: agent.version, description: 'Bearer 令牌；浏览器来源须在 api.allowedOrigins 中。' },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    event: jsonSchema(event, 'output'),
  })
  const { event: _named, ...rest } = document
  return { ...rest, components: { schemas, securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } } }
}

function describe(route: Route): Record<string, unknown> {
  const parameters = [
    ...[...route.url.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...queryParameters(route.query),
  ]
  const own = [...(route.rights === null ? [] : [401]), ...(route.body || route.query ? [400] : []), ...(route.body ? [413] : []), ...(route.faults ?? [])]
  return {
    operationId: operationIdOf(route),
    summary: route.summary,
    tags: ['maqiao'],
    ...(route.rights === null ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: { required: true, ...content(jsonSchema(route.body, 'input')) } } : {}),
    responses: {
      [route.status]: { description: '成功', ...content(jsonSchema(route.answer, 'output')) },
      ...faults([...own, ...ALWAYS]),
    },
  }
}

/** `POST /api/v1/outcomes/:id/result` -> `postOutcomesResult`: what generators name a client's methods by. */
function operationIdOf({ method, url }: Route): string {
  const words = url.slice(PREFIX.length).split('/').filter((part) => !part.startsWith(':'))
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

function queryParameters(query: z.ZodType | undefined): Record<string, unknown>[] {
  if (!query) return []
  const { properties = {} } = jsonSchema(query, 'input') as { properties?: Record<string, unknown> }
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }))
}

function faults(statuses: readonly number[]): Record<string, unknown> {
  const body = content(jsonSchema(errorBody, 'output'))
  return Object.fromEntries(statuses.map((status) => [status, { description: FAULT_WORDS[status] ?? '', ...body }]))
}

function content(schema: unknown): { content: Record<string, unknown> } {
  return { content: { 'application/json': { schema } } }
}

/** Schemas that have a name stand once, under components: a generated client then has one type for each. */
function hoisted<T>(document: T): { document: T; schemas: Record<string, unknown> } {
  const schemas: Record<string, unknown> = {}
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (value === null || typeof value !== 'object') return value
    const { $defs, ...members } = value as Record<string, unknown>
    for (const [name, schema] of Object.entries($defs ?? {})) schemas[name] ??= walk(schema)
    return Object.fromEntries(
      Object.entries(members).map(([key, member]) => [
        key,
        key === '$ref' && typeof member === 'string' ? member.replace('#/$defs/', '#/components/schemas/') : walk(member),
      ]),
    )
  }
  return { document: walk(document) as T, schemas }
}

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>
  return rest
}
