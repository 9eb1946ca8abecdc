/** Whatever is printed by accident shows a mask: each kind of secret and of personal value, in each way that things get printed. */
import { spawnSync } from 'node:child_process'
import { Console } from 'node:console'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { format, inspect } from 'node:util'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { createLog } from '../../src/agent/log.ts'
import { codeIn, KEY, NUMBER, outcomeIn, reportIn, scanIn, secretIn, settingsIn, WANTED } from './printed.ts'

/** Ways to print; JSON apart, since what the API answers with goes whole that way. */
const PRINTED: Record<string, (value: any) => string> = {
  String: (value) => String(value),
  'a template': (value) => `${value}`,
  concatenation: (value) => '' + value,
  inspect: (value) => inspect(value, { depth: null, showHidden: true }),
  'inspect within': (value) => inspect({ a: [value], b: new Map([['k', value]]) }, { depth: null }),
  format: (value) => format('%s %o %O', value, value, value),
  'console.log': (value) => consoled((console) => console.log('x', value, { value })),
  'console.error of a cause': (value) => consoled((console) => console.error(new Error('x', { cause: value }))),
  'an error’s message': (value) => String(new Error(`bad ${value}`).stack),
  'an error with it': (value) => inspect(Object.assign(new Error('x'), { value }), { depth: null }),
}
const AS_JSON: Record<string, (value: any) => string> = {
  'JSON.stringify': (value) => JSON.stringify({ value, list: [value] }),
  pino: (value) => logged((write) => pino({}, { write }).error({ value, err: new Error('x', { cause: value }) }, 'event')),
}

function consoled(print: (console: Console) => void): string {
  return logged((write) => print(new Console(new Writable({ write: (chunk, _, done) => (write(String(chunk)), done()) }))))
}

function logged(print: (write: (line: string) => void) => void): string {
  let text = ''
  print((line) => (text += line))
  expect(text).not.toBe('')
  return text
}

const KINDS: Record<string, { make(): unknown; json: boolean }> = {
  'a secret of the settings': { make: secretIn, json: true },
  'all settings': { make: settingsIn, json: true },
  'a scan': { make: scanIn, json: true },
  'a code': { make: codeIn, json: true },
  'an outcome': { make: outcomeIn, json: false },
  'a patient': { make: () => outcomeIn().patient, json: false },
  'a target': { make: () => outcomeIn().targets[0], json: false },
  'a report on its way': { make: reportIn, json: false },
  'its payload': { make: async () => (await reportIn()).payload, json: false },
}

const found = (text: string) => WANTED.filter((each) => text.includes(each))

describe.each(Object.entries(KINDS))('%s', (_, { make, json }) => {
  test.each(Object.entries({ ...PRINTED, ...(json ? AS_JSON : {}) }))('%s', async (_way, print) => {
    expect(found(print(await make()))).toEqual([])
  })

  test('our own log, in fields that take words', async () => {
    const value = (await make()) as string
    const text = logged((write) => createLog({ write }).error('x', { why: value, code: value, id: value, nobodysField: value }))
    expect(found(text)).toEqual([])
  })
})

test('a secret keeps its mask where masks are turned off', () => {
  for (const value of [secretIn(), settingsIn()]) {
    expect(found(inspect(value, { customInspect: false, depth: null, showHidden: true }))).toEqual([])
    expect(found(consoled((console) => console.dir({ value }, { depth: null })))).toEqual([])
  }
})

test('they are whole where they are used', async () => {
  expect([secretIn().reveal(), scanIn().text, codeIn().text]).toEqual([KEY, NUMBER, NUMBER])
  expect(JSON.parse(JSON.stringify(outcomeIn())).patient).toMatchObject({ idNumber: NUMBER })
  expect(JSON.parse(JSON.stringify(await reportIn())).payload).toMatchObject({ idcardNo: NUMBER })
  expect({ ...outcomeIn() }.patient?.idNumber).toBe(NUMBER)
})

test('a defect nobody caught prints none of them', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, 'printing-child.ts')], { encoding: 'utf8' })
  expect(status).not.toBe(0)
  expect(JSON.parse(stderr)).toMatchObject({ event: 'terminal.died', name: 'Error', at: [expect.stringContaining('printing-child.ts'), expect.anything()] })
  expect(found(stdout + stderr)).toEqual([])
})
