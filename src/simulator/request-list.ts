/** The last requests, for whoever looks over the platform's shoulder: fields masked. */
import { parseMembers, isMembers, type Played } from './play.ts'

export type SeenRequest = {
  readonly at: string
  readonly platform: Played
  readonly operation: string
  readonly ms: number
  /** The platform's return code, or the trouble that swallowed the answer. */
  readonly ended: string
  /** Field -> value where it says nothing of a person, else its length. */
  readonly fields: Record<string, string>
}

const KEPT = 1000

/** Fields that are the same for everybody or name nobody. */
const OPEN = new Set(
  (
    'requestId hospitalId timestamp cityNo targetType senceCode sceneCode tradeTime tradeState scene medicalStep cardType ' +
    'cardChannel terminalId time department useCityCode hospitalCode useChannel useType chs_fjs_funid chs_fjs_timestamp ' +
    'transType signType encType version appCode command businessType fixmedins_code'
  ).split(' '),
)

export type RequestList = {
  add(request: { at: number; platform: Played; operation: string; ms: number; ended: string; body: string }): void
  list(): SeenRequest[]
  clear(): void
}

export function createRequestList(): RequestList {
  let kept: { at: number; platform: Played; operation: string; ms: number; ended: string; body: string }[] = []
  return {
    add(request) {
      kept.push(request)
      if (kept.length > KEPT * 2) kept = kept.slice(-KEPT)
    },
    // Masked when somebody looks, so that it costs the request nothing.
    list: () =>
      kept.slice(-KEPT).map(({ at, body, ...rest }) => ({ at: new Date(at).toISOString(), ...rest, fields: masked(body) })),
    clear: () => void (kept = []),
  }
}

function masked(body: string): Record<string, string> {
  const fields: Record<string, string> = {}
  const walk = (members: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(members)) {
      if (isMembers(value)) walk(value)
      else fields[name] = OPEN.has(name) && typeof value !== 'object' ? String(value).slice(0, 80) : `…(${lengthOf(value)})`
    }
  }
  walk(parseMembers(body) ?? {})
  return fields
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : JSON.stringify(value ?? null).length
}
