/** A pause in the middle of a code: the whole code or DEVICE_CUT, never a half that a platform is asked for. */
import { describe, expect, it } from 'vitest'
import { createCodeReader, type ReadingOptions } from '../../src/devices/code-reader.ts'
import { CODES } from '../../src/transcode/codes/index.ts'
import { createRecogniser } from '../../src/transcode/recognise.ts'
import { createPlayedTimers } from '../support/played-timers.ts'

const SETTINGS = Object.assign({}, ...CODES.map(({ sampleSettings }) => sampleSettings ?? {})) as Record<string, string>
const recognise = createRecogniser(SETTINGS)
const formatOf = (text: string) => recognise(text).format
const SAMPLES = CODES.filter(({ format }) => format !== 'unknown').flatMap(({ samples }) => samples.map(({ text }) => text))
const ANKANG = CODES[0].samples[0]!.text
const ID = '340101199003077427'
const CARD = '2A4A19745AC6D6475C2AA48290B513F818F056277858104C89979A39E49D1444:1'

function setUp(options: ReadingOptions = {}) {
  const timers = createPlayedTimers()
  const texts: string[] = []
  const faults: string[] = []
  const reader = createCodeReader(
    { isCode: (text) => formatOf(text) !== 'unknown', ...options, timers },
    { text: ({ text }) => texts.push(text), fault: ({ code }) => faults.push(code) },
  )
  return { timers, texts, faults, send: (text: string) => reader.push(Buffer.from(text)) }
}

/** What a device sent before: nothing, a code with its terminator, or one without. */
function used(device: ReturnType<typeof setUp>, before: string | undefined): void {
  if (before === undefined) return
  device.send(`ZY0012345678${before}`)
  device.timers.pass(5000)
  device.texts.length = device.faults.length = 0
}

describe.each([
  ['CR', '\r', '\r'], ['LF', '\n', '\n'], ['CRLF', '\r\n', '\r\n'], ['Tab', '\t', '\t'], ['ETX', '\x03', '\x03'],
  ['CR, its first code', '\r', undefined], ['Tab, its first code', '\t', undefined], ['none', '', ''], ['none, its first code', '', undefined],
])('a device that ends its codes with %s', (_name, ending, before) => {
  it.each([80, 220, ...(before && ending ? [1200] : [])])('and pauses %i ms somewhere in a code', (ms) => {
    const wrong: string[] = []
    for (const text of SAMPLES) {
      for (let at = 1; at < text.length; at++) {
        const device = setUp()
        used(device, before)
        device.send(text.slice(0, at))
        device.timers.pass(ms)
        device.send(text.slice(at) + ending)
        device.timers.pass(5000)
        const { texts, faults } = device
        const asked = texts.filter((each) => !['unknown', 'payment'].includes(formatOf(each)))
        const isWhole = texts.length === 1 && texts[0] === text && faults.length === 0
        const isTold = asked.length === 0 && faults.includes('DEVICE_CUT')
        if (!isWhole && !isTold && formatOf(text) !== 'payment') wrong.push(`${text.slice(0, at)} | ${text.slice(at)}: ${texts.join(' , ')} ${faults.join()}`)
        if (asked.some((each) => each !== text)) wrong.push(`asked ${asked.join()}`)
      }
    }
    expect(wrong).toEqual([])
  }, 60_000)

  it('reads a second code that follows at once, after a pause in the first', () => {
    const device = setUp()
    used(device, before)
    device.send(ANKANG.slice(0, 105))
    device.timers.pass(80)
    device.send(ANKANG.slice(105) + ending)
    if (ending === '' || ending === '\t') device.timers.pass(60)
    device.send(CARD + ending)
    device.timers.pass(5000)
    expect(device).toMatchObject({ texts: [ANKANG, CARD], faults: [] })
  })
})

it('a half that looks like another format, on a device that sends CR: the whole code, or read again', () => {
  for (const [head, tail] of [[ID, 'AABBCCDDEEFF00112233:1'], ['134567890123456789', '0123456789'],  [CARD.slice(0, -2), ':1']] as const) {
    for (const ms of [80, 220, 900]) {
      const device = setUp()
      used(device, '\r')
      device.send(head)
      device.timers.pass(ms)
      device.send(`${tail}\r`)
      device.timers.pass(5000)
      expect(device).toMatchObject({ texts: [head + tail], faults: [] })
    }
  }
})

it('a half whose rest never comes is told once, and the code read again is read', () => {
  for (const before of ['\r', '', undefined]) {
    const device = setUp()
    used(device, before)
    device.send(ANKANG.slice(0, 105))
    device.timers.pass(999)
    expect(device).toMatchObject({ texts: [], faults: [] })
    device.timers.pass(1)
    expect(device).toMatchObject({ texts: [], faults: ['DEVICE_CUT'] })
    device.send(`${ANKANG}\r`)
    expect(device).toMatchObject({ texts: [ANKANG], faults: ['DEVICE_CUT'] })
  }
})

it('a device that sends CR no more is believed where it sends the same again', () => {
  const device = setUp()
  used(device, '\r')
  for (const faults of [['DEVICE_CUT'], ['DEVICE_CUT'], ['DEVICE_CUT']]) {
    device.send('PT-00017')
    device.timers.pass(3000)
    expect(device.faults).toEqual(faults)
  }
  expect(device.texts).toEqual(['PT-00017', 'PT-00017'])
})

it('a half that another code follows instead of its rest is told, and the other code read', () => {
  for (const before of ['\r', '', undefined]) {
    for (const head of [ID.slice(0, 8), ANKANG.slice(0, 105), CARD.slice(0, 40)]) {
      const device = setUp()
      used(device, before)
      device.send(head)
      device.timers.pass(290)
      device.send(`${ID}\r`)
      expect(device).toMatchObject({ texts: [ID], faults: ['DEVICE_CUT'] })
    }
  }
})

it('waits for no terminator where a code is whole: 50 ms, 150 ms where the device sends one', () => {
  for (const [before, ms] of [[undefined, 50], ['', 50], ['\r', 150]] as const) {
    for (const text of [ANKANG, CARD, '4240123456789012345678901234']) {
      const device = setUp()
      used(device, before)
      device.send(text)
      device.timers.pass(ms - 1)
      expect(device.texts).toEqual([])
      device.timers.pass(1)
      expect(device.texts).toEqual([text])
    }
  }
  for (const text of [ID, 'ZY0012345678', '134567890123456789']) {
    const device = setUp()
    used(device, '')
    device.send(text)
    device.timers.pass(50)
    expect(device.texts).toEqual([text])
  }
})

it('a suffix of the settings ends a code as a terminator does', () => {
  const device = setUp({ suffix: '#' })
  device.send('ZY0012345678#')
  device.timers.pass(50)
  expect(device.texts).toEqual(['ZY0012345678'])
  device.send('ZY00123')
  device.timers.pass(900)
  device.send('45678#')
  device.timers.pass(50)
  expect(device.texts).toEqual(['ZY0012345678', 'ZY0012345678'])
})
