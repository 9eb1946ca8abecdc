/** OpenAPI 3.1 of the local API, from the same schemas that check the requests. */
import { z } from 'zod'
import type { Agent } from '../agent/agent.ts'
import type { Route } from './route.ts'
import { errorBody } from './schemas.ts'

const FAULT_WORDS: Record<number, string> = {
  400: '请求内容不对',
  401: '没有凭据或凭据不对',
  403: '来源、主机或权限不允许',
  404: '没有这个对象',
  409: '当前状态不允许',
  410: '已超过保存时间',
  422: '平台拒绝，或缺少必需的内容',
  502: '平台没有可用的答复',
  503: '没有配置或正在退出',
  504: '平台超时',
  507: '无法保存（磁盘已满或不可写）',
}

/** The one call that is no request and answer; OpenAPI has no words for what a WebSocket carries but these. */
const EVENTS = {
  summary: '事件（WebSocket）：先是 hello，再补发 after 之后错过的，然后是正在发生的',
  description:
    '每条消息为 {"type":"hello|outcome|device|outbox","seq":12,"at":"ISO 8601","data":{}}；outcome 的 data 即扫码结果。' +
    '凭据：Authorization 头，或子协议 maqiao.v1, bearer.令牌，或 ?ticket=（POST /api/v1/tickets）。',
  tags: ['maqiao'],
  parameters: [
    { name: 'after', in: 'query', required: false, schema: { type: 'integer', minimum: 0 }, description: '已处理到的 seq' },
    { name: 'ticket', in: 'query', required: false, schema: { type: 'string' }, description: '一次性票据' },
  ],
  responses: { 101: { description: '转为 WebSocket' }, ...faults([400, 401, 403]) },
}

export function openApi(routes: readonly Route[], agent: Agent): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    if (route.internal) continue
    const path = route.url.replace(/:(\w+)/g, '{$1}')
    const operation = describe(route)
    if (route.url.includes(':platform')) continue
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation }
  }
  paths['/api/v1/events'] = { get: EVENTS }
  for (const { platform, operation, title, source, definition } of agent.operations()) {
    paths[`/api/v1/platforms/${platform}/${operation}`] = {
      post: {
        summary: `${title}（${source}）`,
        tags: [platform],
        requestBody: content(jsonSchema(definition.request, 'input')),
        responses: { 200: { description: '文档规定的响应字段', ...content(jsonSchema(definition.response, 'output')) }, ...faults([400, 401, 403, 409, 422, 502, 503, 504]) },
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: '码桥 MaQiao 本地接口', version: agent.version, description: 'Bearer 令牌；浏览器来源须在 api.allowedOrigins 中。' },
    servers: [{ url: '/' }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    security: [{ bearer: [] }],
    paths,
  }
}

function describe(route: Route): Record<string, unknown> {
  const parameters = [
    ...[...route.url.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...queryParameters(route.query),
  ]
  return {
    summary: route.summary,
    tags: ['maqiao'],
    ...(route.rights === null ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: { required: true, ...content(jsonSchema(route.body, 'input')) } } : {}),
    responses: {
      [route.status]: { description: '成功', ...content(jsonSchema(route.answer, 'output')) },
      ...faults([...(route.rights === null ? [] : [401]), 403, ...(route.faults ?? [])]),
    },
  }
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

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>
  return rest
}
