import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalString, compactJson } from '../../../src/transcode/crypto/canonical.ts'
import { parseExactJson, sourceOf } from '../../../src/transcode/crypto/exact-json.ts'

/** Names that JavaScript objects are known to reorder or to swallow. */
const names = fc.oneof(fc.string(), fc.nat(99_999).map(String), fc.constantFrom('__proto__', 'constructor', '-1', '01'))
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('tree')), { maxLength: 5 }).map((pairs) => objectOf(pairs)),
  ),
}))

function objectOf(pairs: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const [key, value] of pairs) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  }
  return object
}

/** The names in the order in which they are written at the top of a JSON object. */
function writtenNames(json: string): string[] {
  const found: string[] = []
  let depth = 0
  for (const match of json.matchAll(/"(?:[^"\\]|\\.)*"(:?)|[[\]{}]/gs)) {
    if (match[0] === '{' || match[0] === '[') depth++
    else if (match[0] === '}' || match[0] === ']') depth--
    else if (depth === 1 && match[1] === ':') found.push(JSON.parse(match[0].slice(0, -1)) as string)
  }
  return found
}

const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (value === null || typeof value !== 'object') return value
  return objectOf(
    Object.entries(value)
      .filter(([, v]) => v !== null)
      .map(([k, v]) => [k, withoutNulls(v)] as const),
  )
}

describe('compactJson', () => {
  it('keeps code-unit order where an object would put integer names first', () => {
    expect(compactJson({ b: 1, 10: 2, 9: 3, a: 4, '-': 5 })).toBe('{"-":5,"10":2,"9":3,"a":4,"b":1}')
  })

  it('sorts at every depth and leaves null members out, but keeps nulls in lists', () => {
    expect(compactJson({ z: { 2: null, 11: [null, { y: undefined, x: '' }] } })).toBe('{"z":{"11":[null,{"x":""}]}}')
  })

  it('says the same thing as the value, nulls apart', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(JSON.parse(compactJson(value))).toEqual(withoutNulls(value))
      }),
    )
  })

  it('writes the names of every object in code-unit order', () => {
    const objects = fc.array(fc.tuple(names, tree), { maxLength: 8 }).map((pairs) => objectOf(pairs))
    fc.assert(
      fc.property(objects, (object) => {
        const kept = Object.entries(object).filter(([, value]) => value !== null)
        expect(writtenNames(compactJson(object))).toEqual(kept.map(([key]) => key).sort())
      }),
    )
  })

  it('does not depend on the order in which members were set', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(names, tree), { selector: ([key]) => key, maxLength: 6 }), (pairs) => {
        expect(compactJson(objectOf([...pairs].reverse()))).toBe(compactJson(objectOf(pairs)))
      }),
    )
  })
})

describe('canonicalString', () => {
  it('joins sorted pairs, leaving out empty ones and those named', () => {
    const members = { b: 'x', a: 1, sign: 's', empty: '', none: null, missing: undefined, zero: 0, no: false, 10: 't' }
    expect(canonicalString(members, ['sign'])).toBe('10=t&a=1&b=x&no=false&zero=0')
  })

  it('writes the sample of 泉州 附录1 1.3.2.3', () => {
    const message = {
      transType: 'ec.gen.index',
      appId: '43AF047BBA47FC8A1AE8EFB232BDBBCB',
      data: { userName: '测试', idNo: '350181199011193519', phoneNumber: '13763873033' },
      signData: 'left out',
    }
    expect(canonicalString(message, ['signData'])).toBe(
      'appId=43AF047BBA47FC8A1AE8EFB232BDBBCB&data={"idNo":"350181199011193519","phoneNumber":"13763873033","userName":"测试"}' +
        '&transType=ec.gen.index',
    )
  })
})

describe('parseExactJson', () => {
  it('keeps the digits of numbers that JavaScript writes differently', () => {
    const text = '{"a":100.00,"b":12345678901234567890,"c":1e3,"d":-0,"e":1.5,"f":7}'
    expect(compactJson(parseExactJson(text))).toBe(text)
    const parsed = parseExactJson(text) as Record<string, unknown>
    expect([sourceOf(parsed['a']), sourceOf(parsed['e']), parsed['e'], parsed['f']]).toEqual([
      '100.00',
      undefined,
      1.5,
      7,
    ])
  })

  it('reads everything else as JSON.parse does', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(parseExactJson(JSON.stringify(value))).toEqual(value)
      }),
    )
  })

  it('refuses what is no JSON', () => {
    expect(() => parseExactJson('<html>')).toThrow(SyntaxError)
  })
})
