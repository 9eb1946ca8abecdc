/** What a text's shape says, and how long a reader waits by it. */
import { describe, expect, test } from 'vitest'
import { createShapes, isCut, pauseFor, printOf, type Shape } from '../../src/devices/whole.ts'

const ID = 'c220ae414ce6ee581037c311ae24518fcfe19c429becd478c1a13976260f43a1'
const TOKEN = '0123456789abcdef0123456789abcdef'
const ANKANG = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?'

test.each<[Shape, string]>([
  ['unknown', ''],
  ['whole', '{}'],
  ['whole', '{"a":[1,{"b":"}"}],"c":"\\"{"}'],
  ['whole', '{"a":"{[","b":1}'],
  ['open', '{"a":[1,2'],
  ['open', '{"a":[1}'],
  ['open', '{"a":"}'],
  ['open', '{"a":"\\"}'],
  ['open', '{"a":{"b":1}'],
  ['unfinished', 'http'],
  ['unfinished', ANKANG],
  ['unfinished', `${ANKANG}id=akm:qrcode:1&cityNo=34010000000`],
  ['whole', `${ANKANG}id=akm:qrcode:1&cityNo=340100000000`],
  ['unknown', `${ANKANG}id=akm:qrcode:1&cityNo=340100`],
  ['unknown', `${ANKANG}id=akm:qrcode:${TOKEN}`],
  ['unknown', `${ANKANG}id=1&cityNo=340100000000&more=1`],
  ['open', 'https://hospital.example/entry'],
  ['open', 'https://hospital.example/entry?code='],
  ['unknown', 'https://hospital.example/entry?code=ab'],
  ['unfinished', `424${'0'.repeat(24)}`],
  ['whole', `424${'0'.repeat(25)}`],
  ['unfinished', '34010119900307742'],
  ['likely', '340101199003077427'],
  ['likely', '34010119900307742X'],
  ['unfinished', ID],
  ['unfinished', `${ID}:0`],
  ['whole', `${ID}:1`],
  ['open', `${ID}:0:${TOKEN}::3401000000`],
  ['likely', `${ID}:0:${TOKEN}::34010000001`],
  ['unknown', `${ID}:0:${TOKEN}::340100000012`],
  ['unknown', 'ZY0012345678'],
])('%s: %s', (shape, text) => expect(createShapes().shapeOf(text)).toBe(shape))

test('a code of the site’s own settings is likely one, but for an address and for what a format claims', () => {
  const { shapeOf } = createShapes(() => true)
  expect(['ZY0012345678', '34010119900307742', 'weixin://x', ANKANG, `424${'0'.repeat(25)}`].map(shapeOf)).toEqual(['likely', 'unknown', 'unknown', 'unfinished', 'whole'])
})

describe('what began like a code that was read', () => {
  const learnt = (...texts: string[]) => {
    const shapes = createShapes()
    for (const text of texts) shapes.learn(printOf(text))
    return shapes.shapeOf
  }

  test('is likely one where it is as long, open where it is shorter, unknown where it is longer', () => {
    const shapeOf = learnt('ZY0012345678', 'ZY001234567890')
    expect(['ZY99', 'ZY000000001', 'ab9999999999', 'ZY0000000000x', 'ZY999999999999', 'ZY9999999999999', 'Z-0012345678'].map(shapeOf)).toEqual(['open', 'open', 'likely', 'unknown', 'likely', 'unknown', 'unknown'])
  })

  test('is remembered for the last eight lengths and the last 64 openings', () => {
    const ofLength = (length: number) => 'ZY001234567890123456789'.slice(0, length)
    const lengths = learnt(...[9, 10, 11, 12, 13, 14, 15, 16, 9, 17].map(ofLength))
    expect([10, 9, 11, 17].map((length) => lengths(ofLength(length)))).toEqual(['unknown', 'likely', 'likely', 'likely'])
    const opening = (number: number) => `${number.toString(2).padStart(7, '0').replaceAll('0', '-').replaceAll('1', '+')}.0`
    const openings = learnt(...Array.from({ length: 65 }, (_, number) => opening(number)))
    expect([0, 1, 64].map((number) => openings(opening(number)))).toEqual(['unknown', 'likely', 'likely'])
    // Read again, an opening is the newest.
    const again = learnt(...[...Array.from({ length: 64 }, (_, number) => number), 0, 64].map(opening))
    expect([0, 1, 2].map((number) => again(opening(number)))).toEqual(['likely', 'unknown', 'likely'])
  })

  test('its print tells its opening’s kinds of characters and its length alone', () => {
    expect(printOf('Zy-0912345678')).toEqual({ opening: 'aa-00000', length: 13 })
  })
})

test('what no code ends with is a half; the rest is one where the device says its ends', () => {
  const shapes: Shape[] = ['whole', 'likely', 'unfinished', 'open', 'unknown']
  expect(shapes.map((shape) => ([undefined, 'pause', 'terminator'] as const).map((ending) => isCut(shape, ending)))).toEqual([
    [false, false, false], [false, false, false], [true, true, true], [false, false, true], [false, false, true],
  ])
})

test('the less a text looks like a code’s end, the longer it is waited for', () => {
  const shapes: Shape[] = ['whole', 'likely', 'unfinished', 'open', 'unknown']
  const pauses = (idleMs: number, patientMs: number) => shapes.map((shape) => ([undefined, 'pause', 'terminator'] as const).map((ending) => pauseFor(shape, ending, idleMs, patientMs)))
  expect(pauses(50, 150)).toEqual([[50, 50, 150], [300, 50, 1000], [1000, 1000, 1000], [1000, 1000, 1000], [300, 300, 1000]])
  expect(pauses(500, 1500)).toEqual([[500, 500, 1500], [500, 500, 1500], [1500, 1500, 1500], [1500, 1500, 1500], [500, 500, 1500]])
})
