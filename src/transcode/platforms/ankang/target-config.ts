/** 转码配置查询 7.5, cached: which target types a terminal's scene allows. */
import type { PlatformTools } from '../platform.ts'
import { PlatformError } from '../platform-error.ts'
import { targetConfig } from './schemas.ts'
import type { AnkangSettings } from './settings.ts'
import { itemsOf, type Ask } from './wire.ts'

/** How long a scan waits for a config that nobody has yet, ms; it is asked for in the background. */
const MAX_WAIT_MS = 1000
/** After a failed query the platform is left alone this long, ms. */
const FAILED_MAX_AGE_MS = 60_000

/** What is known of a type: its scenes ([] is every scene) and its name. */
type Known = { scenes: readonly string[]; name: string }
type Entry = { known: Known | undefined; expiresAt: number }

export type TargetConfig = {
  /** Whether a type may be used in a scene; true where nothing is known. */
  allows(type: string, scene: string | undefined): Promise<boolean>
  /** The platform's name for a type, where a query has told it. */
  nameOf(type: string): string | undefined
}

/** Makes the cache; queries that fail are logged and never hold up a scan. */
export function createTargetConfig(settings: AnkangSettings, tools: PlatformTools, ask: Ask): TargetConfig {
  const entries = new Map<string, Entry>()
  const pending = new Map<string, Promise<void>>()

  async function query(type: string): Promise<void> {
    try {
      const { data } = await ask('config', { cityNo: tools.site.terminal.cityNo, targetType: type })
      entries.set(type, { known: knownOf(data), expiresAt: tools.now() + settings.configMaxAgeMs })
    } catch (error) {
      tools.log('ankang.config.failed', { code: error instanceof PlatformError ? error.fault.code : (error as Error).name })
      // What was known an hour ago is better than nothing.
      entries.set(type, { known: entries.get(type)?.known, expiresAt: tools.now() + FAILED_MAX_AGE_MS })
    } finally {
      pending.delete(type)
    }
  }

  return {
    async allows(type, scene) {
      if (settings.endpoints.config === undefined || scene === undefined) return true
      const entry = entries.get(type)
      if (entry === undefined || entry.expiresAt <= tools.now()) {
        const asking = pending.get(type) ?? query(type)
        pending.set(type, asking)
        if (entry === undefined) await atMost(asking, MAX_WAIT_MS)
      }
      const scenes = entries.get(type)?.known?.scenes ?? []
      return scenes.length === 0 || scenes.includes(scene)
    },
    nameOf: (type) => entries.get(type)?.known?.name || undefined,
  }
}

function knownOf(data: unknown): Known | undefined {
  const parsed = targetConfig.safeParse(itemsOf(data)[0])
  if (!parsed.success) return undefined
  const listed = parsed.data.senceCode ?? parsed.data.sceneCode ?? ''
  return { scenes: listed.split(/[,，]/).map((scene) => scene.trim()).filter(Boolean), name: parsed.data.targetName ?? '' }
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))])
  clearTimeout(timer)
}
