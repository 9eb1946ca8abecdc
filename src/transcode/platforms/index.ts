/** The registry of platforms: a new system is one folder and one line here. */
import type { PlatformDefinition } from './platform.ts'

export const PLATFORMS = [] as const satisfies readonly PlatformDefinition<never>[]
