/** Everything that takes what others send and answers by itself: scanners' bytes, codes' texts, settings, bodies. */
import { expect } from 'vitest'
import { parseSettings, SettingsError } from '../../src/agent/settings-file.ts'
import { printable } from '../../src/agent/log-fields.ts'
import * as schemas from '../../src/api/schemas.ts'
import { cleanText } from '../../src/devices/clean.ts'
import { createCodeReader } from '../../src/devices/code-reader.ts'
import { decodeText, ENCODINGS } from '../../src/devices/decode-text.ts'
import { createFramer } from '../../src/devices/framer.ts'
import { layoutOf, POS_LAYOUT } from '../../src/devices/hid/report-layout.ts'
import { createReports } from '../../src/devices/hid/reports.ts'
import { maskCode, maskIdNumber, maskName, maskPhone } from '../../src/devices/scan.ts'
import { CODES } from '../../src/transcode/codes/index.ts'
import { canonicalString, compactJson } from '../../src/transcode/crypto/canonical.ts'
import { bytesOfBase64, bytesOfHex, CryptoError } from '../../src/transcode/crypto/crypto-error.ts'
import { cipherFromDer, signatureFromDer } from '../../src/transcode/crypto/der.ts'
import { parseExactJson } from '../../src/transcode/crypto/exact-json.ts'
import { CODE_FORMATS } from '../../src/transcode/outcome.ts'
import { replyJson, retryAfter } from '../../src/transcode/platforms/http.ts'
import { ownWords } from '../../src/transcode/platforms/own-words.ts'
import { PlatformError } from '../../src/transcode/platforms/platform-error.ts'
import { createRecogniser } from '../../src/transcode/recognise.ts'
import { compileSitePattern, sitePatternFault } from '../../src/transcode/site-pattern.ts'
import { createPlayedTimers } from '../support/played-timers.ts'
import type { Random } from './random.ts'
import type { Target } from './run.ts'

/** What a target may throw. */
type Declared = new (...given: never[]) => Error

function declared(kinds: readonly Declared[], run: () => void): void {
  try {
    run()
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error
  }
}

// Fixed texts only: what a simulator mints would make another input of the same seed.
const texts = CODES.flatMap(({ samples }) => samples.map(({ text }) => text))
const recognise = createRecogniser({ hospitalCard: '^MZ\\d{10}$', socialSecurityCard: '^SSC[0-9A-F]{24}$', yuejiantongEntryUrl: 'https://hospital.example/yuejiantong' })
const codeText = (random: Random) => (random.chance(0.6) ? random.mutated(random.pick(texts)) : random.text(random.chance(0.05) ? 5000 : 200))

const SETTINGS = {
  terminal: { id: 'W01', mode: 'window', cityNo: '340100', sceneCode: '01002', medicalStep: '010101', department: '内科' },
  hospital: { id: '10086', code: '01', name: '人民医院', cityCode: '340100', cityName: '合肥市', insuranceCode: 'H34010000001' },
  devices: { serial: [{ path: '/dev/ttyUSB0', baudRate: 9600 }], hid: [{ vendorId: 1504, productId: 4864 }], keyboard: { enabled: true }, camera: {} },
  platforms: {
    ankang: { flow: 'transcode', targetTypes: ['3401002'], endpoints: { transcode: 'https://platform.example/a', message: 'https://platform.example/b' }, headers: { a: 'b' } },
    healthCard: { baseUrl: 'https://platform.example', appId: 'a', appSecret: 'b' },
    beijing: { entryUrl: 'https://platform.example', hospitalCode: '1', appSecret: 's', aesKey: 'k'.repeat(32) },
    eVoucher: { gatewayUrl: 'https://platform.example', codeField: 'c' },
  },
  recognition: { eVoucher: '^424\\d{25}$', repeatWithinMs: 0 },
  network: { proxy: 'http://10.0.0.1:3128' },
  api: { port: 0, token: 'a-token-for-tests-only', allowedOrigins: ['https://his.example'] },
  outbox: { maxAttempts: 0 },
  retention: { outcomeHours: 1 },
  log: { level: 'debug' },
}

const bodies = { ...schemas } as Record<string, unknown>
const bodySchemas = Object.values(bodies).filter((schema): schema is typeof schemas.scanBody => typeof (schema as { safeParse?: unknown }).safeParse === 'function')
const BODIES = [
  { text: 'MZ2020000101', kind: 'keyboard', name: '林安和' },
  { targetId: '#1' },
  { tradeNo: 'GH1', tradeState: '1', msg: '挂号成功', tradeTime: '20240506070809', medicalStep: '010101', department: '内科', name: '林安和', idNumber: '349901198810221026', patid: 'P1' },
  { after: '12', limit: '100' },
]

export const PURE: readonly (Target & { share: number })[] = [
  {
    name: 'recognise',
    share: 5,
    run(random) {
      const text = codeText(random)
      const code = recognise(text)
      expect(code.format in CODE_FORMATS).toBe(true)
      expect(code.text.length).toBeLessThanOrEqual(4096)
    },
  },
  {
    name: 'clean',
    share: 2,
    run(random) {
      const { text } = cleanText(codeText(random), random.chance(0.3) ? { prefix: random.text(4), suffix: random.text(4) } : {})
      if (/[\u0000-\u001f\u007f-\u009f\ufeff]/.test(text)) throw new Error('a control character is left')
      for (const mask of [maskName, maskIdNumber, maskPhone, maskCode]) {
        const shown = mask(text)
        if (text.length > 8 && !text.includes('*') && shown === text) throw new Error(`${mask.name} masks nothing`)
      }
    },
  },
  {
    name: 'framer',
    share: 3,
    run(random) {
      const timers = createPlayedTimers()
      const maxBytes = random.pick([16, 100, 4096])
      const terminator = random.pick(['auto', 'none', '\r', '\r\n', '##'])
      const framer = createFramer({ timers, maxBytes, terminator, frame: ({ bytes }) => expect(bytes.length).toBeLessThanOrEqual(maxBytes) })
      const reader = createCodeReader({ timers, encoding: random.pick(ENCODINGS) }, { text: ({ text }) => expect(text).not.toBe(''), fault: () => {} })
      for (let times = random.below(8); times > 0; times--) {
        const chunk = random.chance(0.5) ? random.bytes(300) : Buffer.from(codeText(random))
        framer.push(chunk)
        reader.push(chunk)
        if (random.chance(0.2)) timers.pass(random.below(200))
        if (random.chance(0.1)) framer.reset()
      }
      framer.flush()
      reader.flush()
    },
  },
  {
    name: 'HID reports',
    share: 3,
    run(random) {
      const timers = createPlayedTimers()
      const layout = (random.chance(0.3) ? layoutOf(random.bytes(200)) : undefined) ?? POS_LAYOUT
      const reports = createReports({ layout, timers, maxBytes: 200, code: ({ bytes }) => expect(bytes.length).toBeLessThanOrEqual(200), broken: () => {} })
      for (let times = random.below(12); times > 0; times--) {
        const report = random.bytes(64)
        if (random.chance(0.7) && report.length > 1) report.set([2, random.below(60)])
        reports.push(report)
        if (random.chance(0.2)) timers.pass(random.below(500))
      }
      decodeText(random.bytes(300), random.pick(ENCODINGS))
    },
  },
  {
    name: 'settings',
    share: 2,
    run(random) {
      const raw = random.chance(0.9) ? random.mutatedJson(SETTINGS) : random.json(4)
      // A text that begins so would be looked for on this machine.
      const harmless = JSON.parse(JSON.stringify(raw ?? null).replace(/"(env|file):/g, '"$1 :')) as unknown
      declared([SettingsError], () => parseSettings(harmless))
    },
  },
  {
    name: 'site patterns',
    share: 1,
    run(random) {
      const source = random.chance(0.5)
        ? random.mutated(random.pick(['^424\\d{25}$', '^MZ\\d{10}$', '(a|b)*c+', '^[A-F0-9]{2,30}(?:x|y)?$', '\\w+\\s?\\w+']))
        : Array.from({ length: random.below(12) }, () => random.pick(['a', '\\d', '.', '[ab]', '(a|b)', '(?:a?b)', '*', '+', '?', '{2,9}', '{0,99}', '|', '^', '$', '\\w', '\\s'])).join('')
      if (sitePatternFault(source) !== null) return
      const matches = compileSitePattern(source)
      for (const text of ['a'.repeat(256), '0'.repeat(255) + '!', 'ab'.repeat(128), random.text(256)]) matches?.(text)
    },
  },
  {
    name: 'API bodies',
    share: 2,
    run(random) {
      const body = random.chance(0.7) ? random.mutatedJson(random.pick(BODIES)) : random.json()
      for (const schema of bodySchemas) schema.safeParse(body)
      printable(typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : { body })
    },
  },
  {
    name: 'wire formats',
    share: 2,
    run(random) {
      const text = random.chance(0.5) ? JSON.stringify(random.json()) : random.text(300)
      declared([PlatformError], () => replyJson('ankang', { status: random.pick([200, 200, 204, 302, 500]), headers: { 'retry-after': random.text(12) }, text, ms: 1 }))
      retryAfter({ status: 503, headers: { 'retry-after': random.text(12) }, text: '', ms: 1 })
      declared([SyntaxError], () => parseExactJson(random.mutated(text)))
      const value = random.json()
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) canonicalString(value as Record<string, unknown>)
      compactJson(value)
      if (/\d{7}/.test(ownWords(text))) throw new Error('a number is repeated')
      declared([CryptoError], () => signatureFromDer(random.bytes(80)))
      declared([CryptoError], () => cipherFromDer(random.bytes(200)))
      declared([CryptoError], () => bytesOfBase64(random.text(60)))
      declared([CryptoError], () => bytesOfHex(random.text(60), 'CIPHERTEXT'))
    },
  },
]

export const SHARES = PURE.reduce((sum, { share }) => sum + share, 0)
