/** The registry of platforms: a new system is one folder and one line here. */
import type { z } from 'zod'
import { ankang } from './ankang/ankang.ts'
import { beijing } from './beijing/beijing.ts'
import { eVoucher } from './e-voucher/e-voucher.ts'
import { healthCard } from './health-card/health-card.ts'
import type { PlatformDefinition } from './platform.ts'
import { quanzhou } from './quanzhou/quanzhou.ts'
import { yuejiantong } from './yuejiantong/yuejiantong.ts'

/** Any definition, whatever its section of the settings looks like. */
type AnyPlatformDefinition = Omit<PlatformDefinition<never>, 'settings'> & { readonly settings: z.ZodType }

export const PLATFORMS = [
  ankang,
  healthCard,
  quanzhou,
  beijing,
  yuejiantong,
  eVoucher,
] as const satisfies readonly AnyPlatformDefinition[]
