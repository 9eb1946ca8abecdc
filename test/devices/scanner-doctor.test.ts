import fc from 'fast-check'
import iconv from 'iconv-lite'
import { describe, expect, it } from 'vitest'
import { examineScan, TEST_SHEET_TEXT, type ScanToExamine, type TimedChunk } from '../../src/devices/scanner-doctor.ts'

const SHEET = TEST_SHEET_TEXT

/** One chunk a character. */
function paced(text: string, ms: number, encode = (char: string): Buffer => Buffer.from(char)): TimedChunk[] {
  return [...text].map((char, index) => ({ bytes: encode(char), at: 1000 + index * ms }))
}

function examine(chunks: readonly TimedChunk[], mode: ScanToExamine['mode'] = 'serial') {
  const examination = examineScan({ mode, chunks })
  if (!examination) throw new Error('nothing examined')
  return examination
}

describe('scanner doctor', () => {
  it('finds nothing to change on a fast serial scanner with CR', () => {
    const examination = examine([{ bytes: Buffer.from(`${SHEET}\r`), at: 5 }])
    expect(examination).toMatchObject({
      mode: 'serial', terminator: 'CR', prefix: '', suffix: '', encoding: 'utf8', intact: true, lost: [], caseInverted: false,
      settings: {}, advice: ['一切正常，无需修改。'], secondsSaved: 0,
    })
    expect(examination).not.toHaveProperty('aim')
  })

  it('names the maker\'s set-up sheet in its advice, where there is one', () => {
    const chunks = paced(SHEET, 20)
    expect(examineScan({ mode: 'keyboard', chunks, setupSheet: 'Honeywell' })?.advice[0]).toContain('扫描 Honeywell 设置单切换到 USB 虚拟串口')
    expect(examineScan({ mode: 'keyboard', chunks })?.advice[0]).toContain('扫描设置单切换到 USB 虚拟串口')
  })

  it.each([
    ['\r', 'CR'], ['\n', 'LF'], ['\r\n', 'CRLF'], ['\x03', 'ETX'], ['\t', 'TAB'], ['', 'none'],
  ])('names the terminator %j', (ending, terminator) => {
    expect(examine([{ bytes: Buffer.from(SHEET + ending), at: 0 }]).terminator).toBe(terminator)
  })

  it('finds identifier, prefix, suffix, STX and GBK, and the settings that they need', () => {
    const bytes = iconv.encode(`\x02A#]Q1${SHEET}#Z\t`, 'gbk')
    expect(examine([{ bytes, at: 0 }])).toMatchObject({
      aim: ']Q1', prefix: 'A#', suffix: '#Z', encoding: 'gbk', intact: true,
      settings: { prefix: 'A#', suffix: '#Z', terminator: '\t' },
    })
    expect(examine([{ bytes: Buffer.from(`]Q1A#${SHEET}\r`), at: 0 }])).toMatchObject({ aim: ']Q1', prefix: 'A#' })
  })

  it('counts what a slow keyboard costs', () => {
    const examination = examine(paced(`${SHEET}\n`, 80), 'keyboard')
    expect(examination.msPerCharacter).toBeCloseTo(80, 0)
    expect(examination.secondsSaved).toBeGreaterThan(10)
    expect(examination.advice[0]).toContain('键盘模式')
    expect(examination.advice[0]).toMatch(/约需 1\d\.\d 秒/)
  })

  it('advises a faster line at 9600 baud', () => {
    const examination = examine(paced(`${SHEET}\r`, 1.04))
    expect(examination.advice.join()).toContain('115200')
    expect(examination.secondsSaved).toBeCloseTo(0.11, 1)
  })

  it('asks for a terminator, and for a longer gap where the scanner pauses', () => {
    const [first, ...rest] = paced(SHEET, 0.1)
    const examination = examine([first!, ...rest.map(({ bytes, at }) => ({ bytes, at: at + 80 }))])
    expect(examination.terminator).toBe('none')
    expect(examination.advice.join()).toContain('回车')
    expect(examination.settings.idleMs).toBeGreaterThan(80)
  })

  it('names what a keyboard layout lost', () => {
    const examination = examine(paced(`${SHEET.replaceAll(/[:/?=]/g, '')}\n`, 5), 'keyboard')
    expect(examination.intact).toBe(false)
    expect([...new Set(examination.lost)].sort()).toEqual(['/', ':', '=', '?'])
    expect(examination.advice[0]).toContain('美式英语')
  })

  it('tells CapsLock from loss', () => {
    const inverted = SHEET.replace(/[a-z]/gi, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()))
    expect(examine(paced(`${inverted}\n`, 5), 'keyboard')).toMatchObject({ caseInverted: true, lost: [], intact: false })
    const without = examine(paced(`${inverted.replaceAll(':', '')}\n`, 5), 'keyboard')
    expect(without).toMatchObject({ caseInverted: true, lost: [':', ':'] })
  })

  it('tells lost Chinese from other losses', () => {
    const examination = examine(paced(`${SHEET.replace(/\p{Script=Han}/gu, '')}\r`, 0.1))
    expect(examination.lost.join('')).toBe('测试码桥')
    expect(examination.advice[0]).toContain('汉字')
  })

  it('says that nothing came, and survives anything', () => {
    expect(examineScan({ mode: 'serial', chunks: [] })).toBeUndefined()
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 10 }), (list) => {
        const examination = examine(list.map((bytes, index) => ({ bytes, at: index })))
        expect(examination.advice.length).toBeGreaterThan(0)
      }),
    )
  })

  it('finds what was lost wherever it was lost', () => {
    fc.assert(
      fc.property(fc.subarray([...SHEET].map((_, index) => index), { minLength: 1, maxLength: 10 }), (indexes) => {
        const kept = [...SHEET].filter((_, index) => !indexes.includes(index)).join('')
        const { lost, caseInverted } = examine([{ bytes: Buffer.from(`${kept}\r`), at: 0 }])
        expect(caseInverted).toBe(false)
        expect([...lost].sort()).toEqual(indexes.map((index) => [...SHEET][index]).sort())
      }),
    )
  })
})
