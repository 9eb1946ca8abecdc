import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RequestFault } from '../../../src/transcode/platforms/platform-error.ts'
import { validate } from '../../../src/transcode/platforms/validate.ts'

const schema = z.strictObject({
  name: z.string().min(1).max(3),
  kind: z.enum(['1', '2']),
  count: z.int().min(1).max(9).optional(),
  person: z.object({ idNumber: z.string().regex(/^\d+$/, '只能是数字') }).optional(),
  list: z.array(z.string()).max(1).optional(),
})

const fieldsOf = (body: unknown) => {
  try {
    validate('quanzhou', schema, body)
  } catch (error) {
    if (!(error instanceof RequestFault)) throw error
    expect([error.platform, error.code, error.httpStatus]).toEqual(['quanzhou', 'REQUEST_INVALID', 400])
    return Object.fromEntries(error.fields.map((field) => [field.path, field.message]))
  }
  return undefined
}

describe('validate', () => {
  it('gives back what the schema made of the body', () => {
    expect(validate('quanzhou', schema, { name: '甲', kind: '1' })).toEqual({ name: '甲', kind: '1' })
  })

  it('names every field at once, in Chinese', () => {
    expect(fieldsOf({})).toEqual({ name: '必填', kind: '必填' })
    expect(fieldsOf({ name: null, kind: '3', count: 'x' })).toEqual({
      name: '必填',
      kind: '只能是 1、2',
      count: '应为数字',
    })
    expect(fieldsOf({ name: '', kind: '1', count: 0 })).toEqual({ name: '必填', count: '不能小于 1' })
    expect(fieldsOf({ name: '甲乙丙丁', kind: '1', count: 10 })).toEqual({ name: '最多 3 个字符', count: '不能大于 9' })
    expect(fieldsOf({ name: '甲', kind: '1', person: { idNumber: 'x' }, list: ['a', 'b'] })).toEqual({
      'person.idNumber': '只能是数字',
      list: '最多 1 项',
    })
    expect(fieldsOf({ name: '甲', kind: '1', extra: 1 })).toEqual({ extra: '没有这个字段' })
    expect(fieldsOf(null)).toEqual({ '(body)': '必填' })
    expect(fieldsOf('text')).toEqual({ '(body)': '应为对象' })
  })

  it('takes an optional field that is "" or null for one that was left out', () => {
    expect(validate('quanzhou', schema, { name: '甲', kind: '1', count: null, list: '' })).toEqual({ name: '甲', kind: '1' })
  })

  it('names allowed values in its own words, Chinese ones too', () => {
    try {
      validate('quanzhou', z.object({ gender: z.enum(['男', '女']) }), { gender: '1' })
      expect.unreachable()
    } catch (error) {
      expect((error as RequestFault).fields).toEqual([{ path: 'gender', message: '只能是 男、女' }])
    }
  })

  it('never repeats a value', () => {
    try {
      validate('quanzhou', schema, { name: '张三李四', kind: '432901198810228888' })
      expect.unreachable()
    } catch (error) {
      expect(String((error as Error).message) + JSON.stringify(error)).not.toMatch(/张三|432901/)
    }
  })
})
