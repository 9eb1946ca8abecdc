/** A patient at this terminal's kiosk asks for help: shown and rung at the desk until somebody answers. */
import { shallowRef, type ShallowRef } from 'vue'
import { ApiError } from '../api/api-error.ts'
import type { Client } from '../api/client.ts'
import type { EventMessage, StaffCall } from '../api/screen-types.ts'

export type StaffCalls = {
  readonly call: ShallowRef<StaffCall | null>
  take(message: EventMessage): void
  /** Somebody goes: the patient is told. */
  see(): Promise<void>
}

/** Rings at each new call. */
export function createStaffCalls(client: Pick<Client, 'kiosk' | 'seeCall'>, bell: { ring(): void; stop(): void }): StaffCalls {
  const call = shallowRef<StaffCall | null>(null)
  let events = 0

  function show(told: StaffCall | null): void {
    const isNew = told !== null && told.state !== 'seen' && told.id !== call.value?.id
    call.value = told?.state === 'seen' ? null : told
    if (call.value === null) bell.stop()
    if (isNew) bell.ring()
  }

  return {
    call,
    take(message) {
      if (message.type === 'staff-call') {
        events += 1
        show(message.data.call)
      }
      if (message.type !== 'hello') return
      // What rang while nobody listened is no event. An answer that an event has overtaken is older than it.
      const before = events
      void client.kiosk().then((told) => events === before && show(told.call), () => undefined)
    },
    async see() {
      const id = call.value?.id
      bell.stop()
      if (!id) return
      const settled = await client.seeCall(id).then(() => true, (error: unknown) => error instanceof ApiError && error.status === 404)
      // Where the terminal did not answer the patient has not been told: it stays, to be pressed again.
      if (settled && call.value?.id === id) call.value = null
    },
  }
}
