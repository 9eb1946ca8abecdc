import { expect, test } from 'vitest'
import { ApiError } from '../../src/renderer/api/api-error.ts'
import type { StaffCall } from '../../src/renderer/api/screen-types.ts'
import { createStaffCalls } from '../../src/renderer/desk/staff-calls.ts'
import { sharedZhCn } from '../../src/renderer/messages/shared-zh-cn.ts'

const CALL: StaffCall = { id: 'a', at: '2026-03-02T01:30:05.000Z', reason: 'help', state: 'told' }
const event = (call: StaffCall | null) => ({ type: 'staff-call', seq: 1, at: CALL.at, data: { call } }) as const

function calls(seeCall: () => Promise<unknown>) {
  const made = createStaffCalls({ kiosk: () => Promise.reject(new Error('not asked')), seeCall }, { ring() {}, stop() {} })
  made.take(event(CALL))
  return made
}

test('a call stays at the desk until the terminal has taken the answer', async () => {
  const answers = [new ApiError(0, sharedZhCn.faults.unreachable), null]
  const desk = calls(async () => {
    const fault = answers.shift()
    if (fault) throw fault
  })
  await desk.see()
  expect(desk.call.value).toEqual(CALL)
  await desk.see()
  expect(desk.call.value).toBeNull()
})

test('a call that is over is no longer shown', async () => {
  const desk = calls(() => Promise.reject(new ApiError(404, sharedZhCn.faults.unreachable)))
  await desk.see()
  expect(desk.call.value).toBeNull()
})

test('the next call is not lost in the answer to the one before', async () => {
  const next = { ...CALL, id: 'b' }
  const desk = calls(async () => desk.take(event(next)))
  await desk.see()
  expect(desk.call.value).toEqual(next)
})

test('a call that came while an older answer was on its way is not lost in it', async () => {
  const answer = Promise.withResolvers<{ call: null }>()
  const desk = createStaffCalls({ kiosk: () => answer.promise as never, seeCall: async () => {} }, { ring() {}, stop() {} })
  desk.take({ type: 'hello', seq: 1, at: CALL.at, data: {} })
  desk.take(event(CALL))
  answer.resolve({ call: null })
  await answer.promise
  await Promise.resolve()
  expect(desk.call.value).toEqual(CALL)
})
