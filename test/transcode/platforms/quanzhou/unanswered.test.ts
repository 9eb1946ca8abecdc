import { describe, expect, it } from 'vitest'
import { createUnanswered } from '../../../../src/transcode/platforms/quanzhou/unanswered.ts'

const FREEZE = { fixmedins_code: 'H1', hosp_mdtrt_id: 'ZY1', psn_name: '测试一', cert_no: '350502198803070026' }
const DAY_MS = 86_400_000

function memory() {
  let text: string | undefined
  let at = Date.UTC(2026, 0, 1)
  return {
    note: { read: () => text, write: (next: string) => void (text = next) },
    now: () => at,
    later: (ms: number) => void (at += ms),
    text: () => text,
  }
}

describe('transactions without an answer', () => {
  it('outlive the process that sent them, also where it died before it knew', () => {
    const kept = memory()
    createUnanswered(kept).begin('BC00.03.00.03', FREEZE)
    const next = createUnanswered(kept)
    expect(() => next.begin('BC00.03.00.03', FREEZE)).toThrow('结果还未知')
    next.asking('BC00.03.00.02', FREEZE).answered({ cntr_state: '1' })
    next.begin('BC00.03.00.03', FREEZE).answered()
    expect(kept.text()).toBe('[]')
  })

  it('are not begun where they cannot be noted, and end all the same where the note cannot be changed', () => {
    const kept = memory()
    let hasRoom = false
    const write = (next: string) => {
      if (!hasRoom) throw new Error('no room')
      kept.note.write(next)
    }
    const unanswered = createUnanswered({ ...kept, note: { ...kept.note, write } })
    expect(() => unanswered.begin('BC00.03.00.03', FREEZE)).toThrow('no room')
    hasRoom = true
    const { answered } = unanswered.begin('BC00.03.00.03', FREEZE)
    hasRoom = false
    answered()
    hasRoom = true
    unanswered.begin('BC00.03.00.03', FREEZE).unknown()
    hasRoom = false
    unanswered.asking('BC00.03.00.02', FREEZE).answered({ cntr_state: '1' })
    hasRoom = true
    unanswered.begin('BC00.03.00.03', FREEZE).answered()
  })

  it('are kept without name and number, for 30 days', () => {
    const kept = memory()
    createUnanswered(kept).begin('BC00.03.00.03', FREEZE).unknown()
    expect(kept.text()).not.toMatch(/测试一|350502/)
    kept.later(29 * DAY_MS)
    expect(() => createUnanswered(kept).begin('BC00.03.00.03', FREEZE)).toThrow()
    kept.later(2 * DAY_MS)
    expect(() => createUnanswered(kept).begin('BC00.03.00.03', FREEZE)).not.toThrow()
  })

  it('are not settled by a query that was sent before they were', () => {
    const memoryOnly = createUnanswered({ now: Date.now })
    const settle = memoryOnly.asking('BC00.03.00.02', FREEZE)
    const { unknown } = memoryOnly.begin('BC00.03.00.03', FREEZE)
    const during = memoryOnly.asking('BC00.03.00.02', FREEZE)
    unknown()
    settle.answered({ cntr_state: '0' })
    during.answered({ cntr_state: '0' })
    expect(() => memoryOnly.begin('BC00.03.00.03', FREEZE)).toThrow('结果还未知')
  })

  it('that refund are settled by the list of the day, also where it leaves the settlement out', () => {
    const unanswered = createUnanswered({ now: () => Date.parse('2026-01-02T00:30:00+08:00') })
    const refund = { fixmedins_code: 'H1', hosp_mdtrt_id: 'MZ1', hosp_setl_id: 'S1', hosp_re_setl_id: 'R1' }
    unanswered.begin('BC00.03.00.06', refund).unknown()
    const list = (fixmedins_code: string, fee_time: string, row: object[]) =>
      unanswered.asking('BC00.03.00.07', { fixmedins_code, med_type: '11', fee_time }).answered({ total: row.length, row })
    list('H1', '2026-01-01', [{ setl_id: 'S2' }])
    list('H2', '2026-01-02', [{ setl_id: 'S1' }])
    expect(() => unanswered.begin('BC00.03.00.06', refund)).toThrow('结果还未知')
    list('H1', '2026-01-02 00:00:00', [])
    unanswered.begin('BC00.03.00.06', refund).unknown()
    list('H1', '2025-12-01', [{ setl_id: 'S1' }])
    unanswered.begin('BC00.03.00.06', refund).answered()
  })

  it('of another institution, stay or kind are others', () => {
    const unanswered = createUnanswered({ now: Date.now })
    unanswered.begin('BC00.03.00.03', FREEZE).unknown()
    for (const other of [{ fixmedins_code: 'H2' }, { hosp_mdtrt_id: 'ZY2' }]) {
      unanswered.begin('BC00.03.00.03', { ...FREEZE, ...other }).answered()
    }
    unanswered.begin('BC00.03.00.04', FREEZE).answered()
    expect(() => unanswered.begin('BC00.03.00.03', { ...FREEZE, frez_amt: '1' })).toThrow()
  })

  it('that are proved done are never begun again, over a restart; another number is another', () => {
    const kept = memory()
    const first = createUnanswered(kept)
    const settlement = { ...FREEZE, setl_id: 'S1' }
    const refund = { ...FREEZE, hosp_setl_id: 'S1', hosp_re_setl_id: 'R1' }
    first.begin('BC00.03.00.05', settlement).answered(true)
    first.begin('BC00.03.00.06', refund).answered(true)
    first.begin('BC00.03.00.05', { ...settlement, setl_id: 'S9' }).answered()
    first.asking('BC00.03.00.07', { fixmedins_code: 'H1', med_type: '11', fee_time: '2026-01-01' }).answered({ total: 1, row: [{ setl_id: 'S2' }] })
    expect(kept.text()).not.toMatch(/S1|R1|S2|测试一|350502/)
    const next = createUnanswered(kept)
    for (const [id, body] of [['05', settlement], ['05', { ...settlement, setl_id: 'S2' }], ['05', { ...settlement, hosp_mdtrt_id: 'ZY9' }], ['06', refund]] as const)
      expect(() => next.begin(`BC00.03.00.${id}`, body)).toThrow('已办理成功')
    next.begin('BC00.03.00.05', { ...settlement, setl_id: 'S9' }).answered()
    next.begin('BC00.03.00.05', { ...settlement, fixmedins_code: 'H2' }).answered()
    next.begin('BC00.03.00.06', { ...refund, hosp_re_setl_id: 'R2' }).answered()
  })

  it('are settled where .02 knows of no such stay of that very person, and released by a person', () => {
    const unanswered = createUnanswered({ now: Date.now })
    unanswered.begin('BC00.03.00.03', FREEZE).unknown()
    unanswered.asking('BC00.03.00.02', { ...FREEZE, psn_name: '别人' }).refused()
    unanswered.asking('BC00.03.00.02', { ...FREEZE, hosp_mdtrt_id: 'ZY2' }).refused()
    unanswered.asking('BC00.03.00.07', FREEZE).refused()
    expect(() => unanswered.begin('BC00.03.00.03', FREEZE)).toThrow('结果还未知')
    unanswered.asking('BC00.03.00.02', FREEZE).refused()
    unanswered.begin('BC00.03.00.03', FREEZE).unknown()
    expect(() => unanswered.release('BC00.03.00.04', FREEZE)).toThrow('不需要解除')
    unanswered.release('BC00.03.00.03', FREEZE)
    const { unknown } = unanswered.begin('BC00.03.00.03', FREEZE)
    expect(() => unanswered.release('BC00.03.00.03', FREEZE)).toThrow('正在办理')
    unknown()
  })
})
