/** The settings file as a schema: composed of what each room says it needs. */
import { z } from 'zod'
import { hidSettings } from '../devices/hid/hid-settings.ts'
import { serialSettings } from '../devices/serial/serial-settings.ts'
import { PLATFORMS } from '../transcode/platforms/index.ts'
import { plainHttpPaths, secret, text } from '../transcode/platforms/setting-fields.ts'
import type { PlatformDefinition } from '../transcode/platforms/platform.ts'
import { recognitionSettings } from '../transcode/recognise.ts'

/** The registry with its element type widened: the agent treats all platforms alike. */
export const DEFINITIONS = PLATFORMS as unknown as readonly PlatformDefinition<Record<string, unknown>>[]

/** 用卡渠道 (电子健康卡 3.3.3) that each mode stands for. */
const CHANNEL_OF_MODE = { window: '0100', kiosk: '0200' } as const

const terminal = z
  .strictObject({
    /** terminalId of verifyQRCode (电子健康卡 3.2.11). */
    id: text(),
    mode: z.enum(['window', 'kiosk']).default('window'),
    /** 6 digits are padded to 12 (安康码 1.3). */
    cityNo: z.string().regex(/^(\d{6}|\d{12})$/, 'must be 6 or 12 digits').transform((no) => no.padEnd(12, '0')).optional(),
    /** 安康码 8.2. */
    sceneCode: z.string().regex(/^\d{5}$/, 'must be 5 digits').optional(),
    /** 用卡环节, 电子健康卡 3.3.1. */
    medicalStep: z.string().regex(/^\d{5,7}$/, 'must be 5 to 7 digits').default('010101'),
    channel: z.string().regex(/^\d{4}$/, 'must be 4 digits').optional(),
    department: z.string().max(50, 'must have at most 50 characters').optional(),
  })
  .transform((t) => ({ ...t, channel: t.channel ?? CHANNEL_OF_MODE[t.mode] }))

const hospital = z.strictObject({
  id: text().optional(),
  code: text().optional(),
  name: text().optional(),
  cityCode: text().optional(),
  cityName: text().optional(),
  insuranceCode: text().optional(),
})

const devices = z.strictObject({
  serial: z.array(serialSettings).default([]),
  hid: z.array(hidSettings).default([]),
  keyboard: z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
  camera: z.strictObject({ enabled: z.boolean().default(false), deviceId: z.string().optional() }).prefault({}),
})

/** Own CA, client certificate and proxy for every platform. */
const network = z.strictObject({
  caFile: text().optional(),
  certFile: text().optional(),
  keyFile: text().optional(),
  keyPassphrase: secret().optional(),
  proxy: text().optional(),
})

const origin = z.string().refine((value) => URL.canParse(value) && new URL(value).origin === value, 'must be an origin such as https://his.example')

const api = z.strictObject({
  /** 0 takes a free one and tells it in the readiness line. */
  port: z.int().min(0).max(65_535).default(9700),
  host: z.string().default('127.0.0.1'),
  token: z.string().min(16, 'must have at least 16 characters').meta({ secret: true }).optional(),
  allowedOrigins: z.array(origin).default([]),
  /** Names beside 127.0.0.1 and localhost by which this terminal may be addressed. */
  allowedHosts: z.array(z.string()).default([]),
  /** Largest request body, bytes. */
  maxBodyBytes: z.int().min(1024).default(1024 * 1024),
  /** Requests a minute for one caller. */
  maxRequestsPerMinute: z.int().min(1).default(6000),
})

const outbox = z.strictObject({
  /** 0: for ever. */
  maxAttempts: z.int().min(0).default(0),
  retryFirstMs: z.int().min(10).default(1000),
  retryMaxMs: z.int().min(10).default(600_000),
})

const retention = z.strictObject({
  /** How long an outcome waits for its result, hours. */
  outcomeHours: z.number().positive().max(720).default(24),
  /** After which a screen forgets a person, minutes. */
  screenMinutes: z.number().positive().max(1440).default(15),
})

const platforms = z.strictObject(
  Object.fromEntries(DEFINITIONS.map((definition) => [definition.settingsKey, definition.settings.optional()])),
)

/** The whole settings file. */
export const settingsSchema = z.strictObject({
  terminal,
  hospital: hospital.optional(),
  devices: devices.prefault({}),
  platforms: platforms.prefault({}),
  recognition: recognitionSettings
    .extend({
      /** The same text within this time is one scan, ms; 0 switches it off. */
      repeatWithinMs: z.int().min(0).max(60_000).default(2000),
    })
    .prefault({}),
  /** Whether an 电子健康码 target goes on to verifyQRCode. */
  verifyHealthCardTargets: z.boolean().default(true),
  network: network.prefault({}),
  api: api.prefault({}),
  outbox: outbox.prefault({}),
  retention: retention.prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
      /** Log files in the data directory instead of standard error. */
      file: z.boolean().default(false),
      maxFileBytes: z.int().min(10_000).default(10_000_000),
      files: z.int().min(1).max(100).default(5),
    })
    .prefault({}),
})

/**
 * What one section needs of another, over the raw file: so that these faults are
 * told together with those of the sections themselves.
 */
export function crossFaults(raw: unknown): { path: string; reason: string }[] {
  const faults: { path: string; reason: string }[] = []
  for (const definition of DEFINITIONS) {
    const section = valueAt(raw, ['platforms', definition.settingsKey]) as Record<string, unknown> | undefined
    if (section === undefined || section === null) continue
    for (const need of definition.needs ?? []) {
      if (valueAt(raw, need.split('.')) === undefined) faults.push({ path: need, reason: 'required' })
    }
    if (section['allowPlainHttp'] === true) continue
    for (const path of plainHttpPaths(section)) {
      faults.push({ path: ['platforms', definition.settingsKey, ...path].join('.'), reason: 'must be https, or set allowPlainHttp to true' })
    }
  }
  return faults
}

export type Settings = z.infer<typeof settingsSchema>

/** JSON Schema of the settings file, for editors and the settings form. */
export function settingsJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value)
}
