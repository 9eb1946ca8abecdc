import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanText } from '../../src/devices/clean.ts'
import { birthdayOf, checkCharacterOf, genderOf, identityFacts, idTypeNameFor, isIdentityNumber } from '../../src/transcode/codes/identity-number.ts'
import { CODES } from '../../src/transcode/codes/index.ts'
import { CODE_FORMATS } from '../../src/transcode/outcome.ts'
import { createRecogniser, isOneTime, recognitionSettings } from '../../src/transcode/recognise.ts'
import { compileSitePattern, sitePatternFault } from '../../src/transcode/site-pattern.ts'

const recognise = createRecogniser()
const AKM = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?isScan=1&id=akm:qrcode:9ec1b6b9&cityNo=340000000000'
const HEX64 = '2A4A19745AC6D6475C2AA48290B513F818F056277858104C89979A39E49D1444'

describe('安康码', () => {
  it.each([
    ['another host behind the real one', AKM.replace('.gov.cn/', '.gov.cn.evil.example/')],
    ['another host', AKM.replace('akm.ahzwfw.gov.cn', 'akm.evil.example')],
    ['user-info', AKM.replace('https://', 'https://akm.ahzwfw.gov.cn@evil.example/')],
    ['user-info of the real host', AKM.replace('https://', 'https://user:pass@')],
    ['empty user-info', AKM.replace('https://', 'https://@')],
    ['another port', AKM.replace('.gov.cn/', '.gov.cn:8443/')],
    ['http', AKM.replace('https:', 'http:')],
    ['ftp', AKM.replace('https:', 'ftp:')],
    ['backslashes', AKM.replace('https://', 'https:\\\\')],
    ['a tab inside', AKM.replace('gov.cn', 'gov\t.cn')],
    ['another path', AKM.replace('/akm-sj-mgr/', '/akm-sj-mgr/x/../y/')],
    ['a path that folds into the real one', AKM.replace('/akm-sj-mgr/', '/x/../akm-sj-mgr/')],
    ['a query before the #', AKM.replace('index.html#', 'index.html?to=evil#')],
    ['an id that is no part of the fragment', AKM.split('#')[0] + '?id=akm:qrcode:1#/myAkm'],
    ['a word in front', `x${AKM}`],
    ['another page behind the #', AKM.replace('#/myAkm', '#/myAkmEvil')],
    ['the host in capitals', AKM.replace('akm.ahzwfw', 'AKM.AHZWFW')],
    ['the scheme in capitals', AKM.replace('https', 'HTTPS')],
    ['a dot behind the host', AKM.replace('.gov.cn/', '.gov.cn./')],
    ['the default port', AKM.replace('.gov.cn/', '.gov.cn:443/')],
    ['an escaped dot in the host', AKM.replace('akm.ahzwfw', 'akm%2Eahzwfw')],
    ['an escaped letter in the path', AKM.replace('akm-sj', '%61km-sj')],
    ['an escaped #', AKM.replace('#', '%23')],
    ['a Cyrillic letter in the host', AKM.replace('akm.', '\u0430km.')],
    ['its punycode', AKM.replace('akm.', 'xn--km-7kc.')],
    ['an ideographic full stop in the host', AKM.replace('gov.cn', 'gov\u3002cn')],
    ['a space inside', AKM.replace('&city', ' &city')],
    ['a line end inside', AKM.replace('&city', '\n&city')],
    ['two reads run together', AKM + AKM],
    ['another fragment in front', AKM.replace('#/', '#x#/')],
  ])('is not taken: %s', (_what, text) => {
    expect(recognise(text).format).toBe('unknown')
  })
  it.each([
    ['Chinese parameters', `${AKM}&name=测试`],
    ['an escaped id', AKM.replace('id=akm:qrcode:', 'id=akm%3Aqrcode%3A')],
    // The prefix alone decides (§6).
    ['no id', AKM.replace('id=akm:qrcode:9ec1b6b9', 'ID=1')],
    ['an empty id', AKM.replace('id=akm:qrcode:9ec1b6b9', 'id=')],
    ['no query at all', AKM.split('?')[0]!],
    ['a page below', AKM.replace('#/myAkm', '#/myAkm/show')],
    ['marks of width zero', `\u200b${AKM.replace('myAkm', 'my\u200dAkm')}\u2060\ufeff`],
  ])('is taken with %s', (_what, text) => {
    expect(recognise(text)).toEqual({ format: 'ankang', text: text.replace(/\p{Cf}/gu, '') })
  })
  it('is handed on as it was read', () => {
    expect(recognise(` ${AKM}\r\n`)).toEqual({ format: 'ankang', text: AKM })
  })
})

describe('电子健康卡', () => {
  it.each([32, 48, 53, 64])('static and dynamic codes may have an id of %i characters', (length) => {
    const id = HEX64.slice(0, length)
    expect(recognise(`${id}:1`).format).toBe('health-card-static')
    expect(recognise(`${id}:0:${'0A'.repeat(16)}::35020001001`).format).toBe('health-card-dynamic')
  })
  it.each([
    `${HEX64.slice(0, 31)}:1`,
    `${HEX64}0:1`,
    `${HEX64}:2`,
    `${HEX64}:0`,
    `${HEX64}:1:`,
    `${HEX64}`,
    `${HEX64}:0:${'0'.repeat(31)}::3502`,
    `${HEX64}:0:${'0'.repeat(32)}:3502`,
    `${HEX64}:0:${'0'.repeat(32)}::`,
    `${HEX64.slice(1)}-:1`,
  ])('is not taken: %s', (text) => {
    expect(recognise(text).format).toBe('unknown')
  })
})

describe('identity numbers', () => {
  it('come before payment codes of the same shape', () => {
    expect(recognise('130101196802290010').format).toBe('identity-number')
    expect(recognise('130101196802290011').format).toBe('payment')
    expect(recognise('*130101196802290010*').format).toBe('unknown')
  })
  it('have their x as X', () => {
    expect(recognise('34010119850612004x')).toEqual({ format: 'identity-number', text: '34010119850612004X' })
  })
  it('may be typed in groups, and are still no payment code', () => {
    expect(recognise('340101 19900307 7427')).toEqual({ format: 'identity-number', text: '340101199003077427' })
    expect(recognise('1301 0119 6802 2900 10').format).toBe('identity-number')
    expect(recognise('1301 0119 6802 2900 11').format).toBe('payment')
    expect(recognise('340101\n199003077427').format).toBe('unknown')
  })
  it('need a date that exists and is past', () => {
    for (const date of ['19680230', '19681301', '19680001', '19680100', '20990101', '18010101']) {
      const head = `340101${date}001`
      expect(isIdentityNumber(head + checkCharacterOf(head))).toBe(false)
    }
    const leap = '34010120000229001'
    expect(isIdentityNumber(leap + checkCharacterOf(leap))).toBe(true)
  })
  it('may be of today in China, where the day begins up to a day before that of UTC', () => {
    const number = '34010120240301001'
    const whole = number + checkCharacterOf(number)
    expect(['2024-02-28T23:59:59.999Z', '2024-02-29T00:00:00Z', '2024-03-01T00:00:00Z'].map((now) => isIdentityNumber(whole, Date.parse(now)))).toEqual([false, true, true])
  })

  it('of 15 digits are not taken', () => {
    expect(recognise('340101900307742').format).toBe('unknown')
  })
  it('hold for exactly one check character', () => {
    const days = fc.integer({ min: 0, max: 44_000 }).map((day) => new Date(Date.UTC(1900, 0, 1) + day * 86_400_000))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999 }), days, fc.integer({ min: 0, max: 999 }), (area, date, serial) => {
        const head = `${String(area).padStart(6, '0')}${date.toISOString().slice(0, 10).replaceAll('-', '')}${String(serial).padStart(3, '0')}`
        const taken = [...'0123456789X'].filter((character) => isIdentityNumber(head + character))
        expect(taken).toEqual([checkCharacterOf(head)])
      }),
    )
  })
  it('tell birthday and gender', () => {
    expect(birthdayOf('340101199003077427')).toBe('1990-03-07')
    expect(genderOf('340101199003077427')).toBe('女')
    expect(genderOf('130101196802290010')).toBe('男')
  })
})

describe('payment codes', () => {
  it.each([
    '100000000000000000',
    '159999999999999999',
    '2500000000000000',
    '300000000000000000000000',
    '6200000000000000000',
    ']Q1134567890123456789',
    '\u0002134567890123456789\u0003\r',
    ']Q1\u001d134567890123456789',
    '1345\u200b67890123456789',
    'https://qr.95516.com/00010000/62123456789',
    'weixin://wxpay/bizpayurl?pr=AbCdEf',
    'alipays://platformapi/startapp?saId=10000007',
  ])('are known: %s', (text) => {
    expect(recognise(text).format).toBe('payment')
  })
  it.each([
    '160000000000000000',
    '10000000000000000',
    '250000000000000',
    '3000000000000000000000000',
    '620000000000000000',
    '62000000000000000000',
    'https://qr.alipay.com.evil.example/fkx01',
    'https://user@qr.alipay.com/fkx01',
    'https://qr.alipay.com:8443/fkx01',
    'http://qr.alipay.com/fkx01',
    'weixin://dl/business',
  ])('are not everything that begins like one: %s', (text) => {
    expect(recognise(text).format).toBe('unknown')
  })
})

describe('医保电子凭证 and the site’s patterns', () => {
  it('takes 28 digits beginning 424, and no other number of them', () => {
    expect(recognise(`424${'0'.repeat(25)}`).format).toBe('e-voucher')
    expect(recognise(`424${'0'.repeat(24)}`).format).toBe('unknown')
    expect(recognise(`424${'0'.repeat(26)}`).format).toBe('unknown')
  })
  it('can be replaced, and covers the whole text with or without anchors', () => {
    const own = createRecogniser({ eVoucher: '^E\\d{4}$', hospitalCard: 'H\\d{4}|HH' })
    expect(own(`424${'0'.repeat(25)}`).format).toBe('unknown')
    expect(own('E1234').format).toBe('e-voucher')
    expect(own('H1234').format).toBe('hospital-card')
    expect(own('HH').format).toBe('hospital-card')
    expect(own('H12345').format).toBe('unknown')
    expect(own('xHH').format).toBe('unknown')
  })
  it('never takes a payment code for a hospital card', () => {
    expect(createRecogniser({ hospitalCard: '\\d+' })('134567890123456789').format).toBe('payment')
    expect(createRecogniser({ hospitalCard: '.+' })('1345\u200b67890123456789').format).toBe('payment')
  })
  it.each([
    ['(', 'invalid pattern'],
    ['(a+)+', 'pattern repeats a group that can match in more than one way'],
    ['(?:a|a)*', 'pattern repeats a group that can match in more than one way'],
    ['(?:(?:a?))+', 'pattern repeats a group that can match in more than one way'],
    ['(a{1,5}){9}', 'pattern repeats a group that can match in more than one way'],
    ['.*.*.*.*', 'pattern has too many variable parts'],
    ['a?'.repeat(25), 'pattern has too many variable parts'],
    ['(a)\\1', 'pattern must not refer back'],
    ['(?=a)a', 'pattern must not look ahead or behind'],
    ['a'.repeat(201), 'pattern has more than 200 characters'],
  ])('refuses %s', (source, reason) => {
    expect(sitePatternFault(source)).toBe(reason)
    const parsed = recognitionSettings.safeParse({ hospitalCard: source })
    expect(parsed.error?.issues[0]).toMatchObject({ path: ['hospitalCard'], message: reason })
  })
  it.each(['', '^424\\d{25}$', '^[A-Z]{2}\\d{6,10}$', 'H\\d+', '(?:MZ|ZY)\\d{8}', '[(+)+]{3}', '\\(\\d+\\)', '(?:\\d{4})?\\d{10}', '\\d{4}\\-\\d{4}'])(
    'allows %s',
    (source) => {
      expect(sitePatternFault(source)).toBeNull()
    },
  )
  it.each([
    `${'a?'.repeat(24)}`.slice(0, -2) + 'a{24}',
    `${'a?'.repeat(20)}a{20}`,
    '(a|a)'.repeat(24),
    `.*${'a?'.repeat(16)}`,
    `\\d*${'\\d?'.repeat(16)}x`,
    `MZ${'(?:0|\\d)'.repeat(24)}`,
    `ZY[A-Z]{2}${'[0-9]?'.repeat(22)}[0-9]{22}`,
  ])('refuses %s, which takes long on some texts', (source) => {
    expect(sitePatternFault(source)).toBe('pattern takes too long on some texts')
  })
  it.each(['[A-Z]{1,3}\\d{6,10}', '[A-Z]+\\d{6,10}X?', '(?:MZ|ZY|TJ)?\\d{8,12}', 'H-?\\d+-?\\d*', '[A-F0-9]{2,30}(?:x|y)?', '.*-.*-.*'])('allows %s, however busy the machine is', (source) => {
    expect(sitePatternFault(source)).toBeNull()
  })
  it('is quick on the slowest pattern that is allowed', () => {
    const slow = '.*.*.*x'
    expect(sitePatternFault(slow)).toBeNull()
    const startedAt = performance.now()
    expect(compileSitePattern(slow)?.('a'.repeat(256))).toBe(false)
    expect(performance.now() - startedAt).toBeLessThan(1000)
  })
})

describe('粤健通', () => {
  const own = createRecogniser({ yuejiantongEntryUrl: 'https://hospital.example/yjt?from=gd' })
  it('is the configured link with a code', () => {
    expect(own('https://hospital.example/yjt?from=gd&code=abc123').format).toBe('yuejiantong')
    expect(own('https://hospital.example/yjt?from=gd#/login?code=abc123').format).toBe('yuejiantong')
  })
  it.each([
    'https://hospital.example/yjt?from=gd',
    'https://hospital.example/yjt?from=gd&code=',
    `https://hospital.example/yjt?from=gd&code=${'a'.repeat(33)}`,
    'https://hospital.example/yjt?from=elsewhere&code=abc123',
    'https://hospital.example/yjt/x?from=gd&code=abc123',
    'https://hospital.example.evil.example/yjt?from=gd&code=abc123',
    'https://user@hospital.example/yjt?from=gd&code=abc123',
    'http://hospital.example/yjt?from=gd&code=abc123',
    'https://hospital.example./yjt?from=gd&code=abc123',
    'https://hospital.example:8443/yjt?from=gd&code=abc123',
    'https://hosp\u0456tal.example/yjt?from=gd&code=abc123',
    'https:\\\\hospital.example\\yjt?from=gd&code=abc123',
    'https://hospital.example/yjt?from=gd&code=abc\t123',
    'https://hospital.example/yjt?from=gd&code=abc%20123',
    'https://hospital.example/yjt%3Ffrom=gd&code=abc123',
  ])('is not taken: %s', (text) => {
    expect(own(text).format).toBe('unknown')
  })
})

describe('粤健通 as its document prints it', () => {
  it('has the code behind a link without a path', () => {
    const bare = createRecogniser({ yuejiantongEntryUrl: 'http://www.hospital.example' })
    expect(bare('http://www.hospital.example?code=afadsgfaar').format).toBe('yuejiantong')
    expect(bare('HTTP://WWW.HOSPITAL.EXAMPLE?code=afadsgfaar').format).toBe('yuejiantong')
    expect(bare('http://www.hospital.example.evil.example?code=afadsgfaar').format).toBe('unknown')
    expect(bare('http://www.hospital.example@evil.example?code=afadsgfaar').format).toBe('unknown')
  })
  it('has it behind the page that a single-page link names, and behind no other', () => {
    const page = createRecogniser({ yuejiantongEntryUrl: 'https://hospital.example/app#/login' })
    expect(page('https://hospital.example/app#/login?code=abc123').format).toBe('yuejiantong')
    expect(page('https://hospital.example/app?code=abc123#/login').format).toBe('yuejiantong')
    expect(page('https://hospital.example/app#/pay?code=abc123').format).toBe('unknown')
  })
})

it('a platform takes a dynamic 电子健康卡 code and a 粤健通 code once, and no other', () => {
  expect(CODES.map(({ format }) => format).filter(isOneTime).sort()).toEqual(['health-card-dynamic', 'yuejiantong'])
})

it.each(['\r', ' \n', '\x02\t\x00'])('%j at both ends is cut off, and nothing of the code', (marks) => {
  expect([`${marks}${AKM}`, `${AKM}${marks}`, `${marks}]Q1${marks}${AKM}${marks}`].map((text) => recognise(text))).toEqual(Array(3).fill({ format: 'ankang', text: AKM }))
})

describe('anything else', () => {
  it.each([['nothing', ''], ['spaces', '  \t '], ['NULs', '\0\0\0'], ['half a code', AKM.slice(0, 40)], ['an AIM identifier alone', ']Q1']])(
    'is unknown: %s',
    (_what, text) => {
      expect(recognise(text).format).toBe('unknown')
    },
  )
  it('a megabyte of noise is unknown at once, and nothing of it is handed on', () => {
    expect(recognise('1'.repeat(1024 * 1024))).toEqual({ format: 'unknown', text: '' })
  })
  it('never throws and always gives a known format', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl({ withFragments: true }), fc.stringMatching(/^[0-9:]{0,80}$/)), (text) => {
        expect(Object.keys(CODE_FORMATS)).toContain(recognise(text).format)
      }),
    )
  })
})

describe('an ECI indicator in front', () => {
  const samples = CODES.flatMap(({ format, samples, sampleSettings }) => samples.map(({ text }) => ({ format, text, settings: sampleSettings ?? {} })))
  it.each(samples)('is taken off: $format $text', ({ text, settings }) => {
    const recognised = createRecogniser(settings)
    for (const before of ['\\000026', ']Q2\\000029', '\\000003\\000026']) {
      expect(recognised(cleanText(before + text.replaceAll('\\', '\\\\')).text)).toEqual(recognised(text))
    }
  })
})

describe('identity documents that are no 居民身份证', () => {
  const number = (first17: string) => first17 + checkCharacterOf(first17)
  it.each([
    [number('91184019850612003'), '外国人永久居留身份证', '1985-06-12', '男'],
    [number('93115620010228026'), '外国人永久居留身份证', '2001-02-28', '女'],
    [number('81000019900307102'), '港澳台居民居住证', '1990-03-07', '女'],
    [number('82000019881022022'), '港澳台居民居住证', '1988-10-22', '女'],
    [number('83000019670115031'), '港澳台居民居住证', '1967-01-15', '男'],
    [number('34010119900307742'), '居民身份证', '1990-03-07', '女'],
  ])('%s is a %s', (text, idTypeName, birthday, gender) => {
    expect(recognise(text).format).toBe('identity-number')
    expect(identityFacts(text.toLowerCase())).toEqual({ idNumber: text, idTypeName, birthday, gender })
    expect(idTypeNameFor(identityFacts(text), '居民身份证')).toBe(idTypeName)
    expect(idTypeNameFor(identityFacts(text), '护照')).toBe('护照')
  })
  it('the form of 2017 says its birthday and no gender, and is no code by itself', () => {
    const now = Date.UTC(2026, 0, 1)
    expect(identityFacts('usa110085061213', now)).toEqual({ idNumber: 'USA110085061213', idTypeName: '外国人永久居留身份证', birthday: '1985-06-12' })
    expect(identityFacts('KOR310015022807', now)).toMatchObject({ birthday: '2015-02-28' })
    expect(identityFacts('USA110085130113', now)).toBeUndefined()
    expect(recognise('USA110085061213').format).toBe('unknown')
  })
  it('takes nobody for born before 1900, nor a wrong check character', () => {
    expect(isIdentityNumber(number('34010119000101001'))).toBe(true)
    expect(isIdentityNumber(number('34010118991231001'))).toBe(false)
    const right = number('91184019850612003')
    const others = [...'0123456789X'].filter((each) => each !== right[17])
    expect(others.map((each) => isIdentityNumber(right.slice(0, 17) + each))).not.toContain(true)
  })
})
