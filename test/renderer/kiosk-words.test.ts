/** The kiosk's words and small judgements, without a browser. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { endingAction, endingFamily } from '../../src/renderer/messages/ending-family.ts'
import { namesOf, promptsOf } from '../../src/renderer/kiosk/prompts.ts'
import { isGlaring, isScreenDim, type Grey } from '../../src/renderer/kiosk/screen-light.ts'
import { kioskEn } from '../../src/renderer/messages/kiosk-en.ts'
import { kioskZhCn } from '../../src/renderer/messages/kiosk-zh-cn.ts'
import { CODE_FORMATS, STATUSES, type CodeFormat, type PlatformId, type Status } from '../../src/transcode/outcome.ts'
import { RETURN_CODES } from '../../src/transcode/platforms/health-card/return-codes.ts'
import { textOf } from '../support/imports.ts'
import { render, type Picture, type Scene } from '../support/qr-pictures.ts'
import { faultOf } from './fake-screen.ts'

const ended = (status: Status, platform: PlatformId, code: string, format: CodeFormat = 'health-card-dynamic') =>
  endingFamily({ status, code: { format }, error: faultOf(platform, code, '', '') })

/** Every text of a table of words, functions called with something plausible. */
function textsOf(table: unknown, path = ''): [path: string, text: string][] {
  if (typeof table === 'string') return [[path, table]]
  if (typeof table === 'function') return [[path, String((table as (...all: unknown[]) => string)(3, 3))]]
  return Object.entries(table as object).flatMap(([key, value]) => textsOf(value, `${path}.${key}`))
}

describe('words', () => {
  const free = /^\.(steps|targets)\b/
  const zh = textsOf(kioskZhCn).filter(([path]) => !free.test(path))
  const en = textsOf(kioskEn).filter(([path]) => !free.test(path))

  it('are the same in both languages, and none is empty but what is meant to be', () => {
    expect(en.map(([path]) => path).sort()).toEqual(zh.map(([path]) => path).sort())
    expect([...zh, ...en].filter(([path, text]) => text.trim() === '' && path !== '.attract.spoken')).toEqual([])
  })

  it('never say that an error is unknown, nor anything in staff’s terms', () => {
    const wrong = [...zh, ...en].filter(([, text]) => /未知|不明|错误码|返回码|异常|\bHIS\b|appId|信息科|[Uu]nknown|[Ee]rror|[Ee]xception/.test(text))
    expect(wrong).toEqual([])
  })

  it('ask nobody to read more than two sentences of privacy', () => {
    expect(kioskZhCn.welcome.privacy.match(/。/g)).toHaveLength(2)
    expect(kioskEn.welcome.privacy.match(/\.(?=\s|$)/g)).toHaveLength(2)
  })

  it('stand in the message files alone', async () => {
    const { filesBelow } = await import('../support/imports.ts')
    const spoken = filesBelow('src/renderer/kiosk', ['.ts', '.vue']).filter((file) => {
      const code = textOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*|<!--[\s\S]*?-->/g, '')
      // The full stop between a spoken headline and its lead is no word.
      return /[\u4e00-\u9fff]/.test(code)
    })
    expect(spoken).toEqual([])
  })
})

describe('recordings', () => {
  const directory = join(import.meta.dirname, '../../resources/voice')
  const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as Record<string, Record<string, string>>

  it.each([['zh', kioskZhCn], ['en', kioskEn]] as const)('say the words of the messages, all of them and no others: %s', (language, words) => {
    const wanted = Object.fromEntries(Object.entries(promptsOf(words)).map(([name, text]) => [name, createHash('sha256').update(text).digest('hex').slice(0, 16)]))
    expect(manifest[language], 'run resources/voice/make-voice.ts').toEqual(wanted)
    expect(readdirSync(join(directory, language)).sort()).toEqual(Object.keys(wanted).map((name) => `${name}.ogg`).sort())
  })

  it('can be told apart by their words, but where two places say the same', () => {
    for (const words of [kioskZhCn, kioskEn]) {
      const names = namesOf(words)
      for (const text of Object.values(promptsOf(words))) expect(promptsOf(words)[names.get(text)!]).toBe(text)
    }
  })
})

describe('endings', () => {
  const platforms: PlatformId[] = ['ankang', 'health-card', 'quanzhou', 'beijing', 'yuejiantong', 'e-voucher', 'maqiao']

  it('has words and a way on for every status, format and any code whatever', () => {
    for (const status of Object.keys(STATUSES) as Status[]) {
      for (const format of Object.keys(CODE_FORMATS) as CodeFormat[]) {
        for (const platform of platforms) {
          for (const code of ['', '0', '-99999', 'toString', '__proto__', 'NETWORK_TIMEOUT']) {
            const family = ended(status, platform, code, format)
            expect(kioskZhCn.endings[family]?.headline, `${status} ${platform} ${code}`).toBeTruthy()
            expect(['rescan', 'instead', 'teach']).toContain(endingAction(family))
          }
        }
      }
    }
  })

  it('tells the patient of no code of 电子健康卡 that they did wrong where the platform did', () => {
    const theirs = new Set(['expired', 'noCard', 'frozen', 'identity', 'identityLater', 'full', 'incomplete', 'refused'])
    for (const [code, { ending }] of Object.entries(RETURN_CODES)) {
      const family = ended(ending, 'health-card', code)
      if (ending === 'unavailable') expect(theirs.has(family), `${code} ${family}`).toBe(false)
    }
  })

  it.each([
    ['rejected', 'health-card', '10020', 'expired'],
    ['rejected', 'health-card', '-10019', 'noCard'],
    ['rejected', 'health-card', '10038', 'refused'],
    ['rejected', 'health-card', '-10038', 'identityLater'],
    ['rejected', 'health-card', '-10031', 'frozen'],
    ['rejected', 'ankang', '410', 'refused'],
    ['rejected', 'ankang', 'TARGET_NONE', 'noCard'],
    ['rejected', 'yuejiantong', '1', 'expired'],
    ['rejected', 'e-voucher', '1', 'refused'],
    ['unavailable', 'ankang', 'NETWORK_TIMEOUT', 'slow'],
    ['unavailable', 'ankang', 'NETWORK_UNREACHABLE', 'network'],
    ['unavailable', 'ankang', 'HTTP_STATUS', 'busy'],
    ['unavailable', 'health-card', '21002', 'terminal'],
    ['unavailable', 'health-card', '-1', 'busy'],
    ['unavailable', 'yuejiantong', 'PLATFORM_NOT_CONFIGURED', 'notOffered'],
    ['unavailable', 'e-voucher', 'DLL_MISSING', 'terminal'],
  ] as const)('%s %s %s is %s', (status, platform, code, family) => {
    expect(ended(status, platform, code)).toBe(family)
  })

  it('sends nobody back to the scanner where the platform does not let the terminal in', () => {
    const family = endingFamily({ status: 'unavailable', code: { format: 'ankang' }, error: faultOf('ankang', 'HTTP_STATUS', '', '', false) })
    expect(family).toBe('terminal')
    expect(endingAction(family)).toBe('instead')
  })

  it('knows a payment code from any other that is not for here', () => {
    expect(ended('unrecognised', 'maqiao', 'CODE_PAYMENT', 'payment')).toBe('payment')
    expect(ended('unrecognised', 'maqiao', 'CODE_UNKNOWN', 'unknown')).toBe('unknown')
  })
})

describe('a phone lit too weakly', () => {
  const picture = (room: number, phone: [dark: number, light: number] | null) => {
    const [width, height] = [48, 27]
    const luma = Float32Array.from({ length: width * height }, (_, index) => {
      const [x, y] = [index % width, Math.floor(index / width)]
      if (!phone || Math.abs(x - 24) > 11 || Math.abs(y - 13) > 10) return room
      return (x * 7 + y * 13) % 3 === 0 ? phone[1] : phone[0]
    })
    return isScreenDim({ width, height, luma })
  }

  it.each([
    ['a dim screen in a lit room', 0.5, [0.05, 0.3], true],
    ['a bright screen', 0.5, [0.05, 0.95], false],
    ['a code on paper', 0.4, [0.1, 0.7], false],
    ['nobody', 0.5, null, false],
    ['a dark room, which has words of its own', 0.05, [0.02, 0.1], false],
  ] as const)('%s', (_name, room, phone, dim) => {
    expect(picture(room, phone as [number, number] | null)).toBe(dim)
  })
})

describe('a lamp in the glass', () => {
  /** What a small canvas makes of a picture: each of its pixels the mean of what it covers. */
  function greyOf({ width, height, data }: Picture): Grey {
    const [columns, rows] = [48, 27]
    const luma = Float32Array.from({ length: columns * rows }, (_, index) => {
      const [left, top] = [(index % columns) * (width / columns), Math.floor(index / columns) * (height / rows)]
      let [sum, count] = [0, 0]
      for (let y = Math.floor(top); y < top + height / rows; y++) for (let x = Math.floor(left); x < left + width / columns; x++, count++) sum += data[4 * (y * width + x)] ?? 0
      return sum / count / 255
    })
    return { width: columns, height: rows, luma }
  }
  const text = 'https://example.invalid/'.padEnd(130, 'a1')
  const scene = (more: Partial<Scene>) => greyOf(render({ width: 640, height: 480, text, size: 0.6, noise: 4, ...more }))

  it.each([
    ['a lamp over a code', { glare: 1.2 }, true],
    ['a strong lamp', { glare: 2.5 }, true],
    ['a lamp elsewhere on it', { glare: 1.6, seed: 2 }, true],
    ['a plain code', {}, false],
    ['a very bright screen', { light: 255 }, false],
    ['a very bright screen out of focus', { light: 255, blur: 4 }, false],
    ['a white page with a small code', { light: 255, size: 0.3 }, false],
    ['a dim screen', { dark: 30, light: 45 }, false],
    ['nobody', { text: '', seed: 3 }, false],
  ] as const)('%s', (_name, more, glaring) => {
    expect(isGlaring(scene(more))).toBe(glaring)
  })
})
