/** A patient at this terminal's kiosk asks for help: shown and rung at the desk until somebody answers. */
import { shallowRef, type ShallowRef } from 'vue'
import callSound from '../../../resources/sounds/call.wav?url'
import type { Client } from '../api/client.ts'
import type { EventMessage, StaffCall } from '../api/screen-types.ts'

export type StaffCalls = {
  readonly call: ShallowRef<StaffCall | null>
  take(message: EventMessage): void
  /** Somebody goes: the patient is told. */
  see(): Promise<void>
}

/** Rings at each new call, whatever the desk's own volume: nobody else may be near. */
export function createStaffCalls(client: Pick<Client, 'kiosk' | 'seeCall'>): StaffCalls {
  const call = shallowRef<StaffCall | null>(null)
  const bell = new Audio(callSound)

  function show(told: StaffCall | null): void {
    const isNew = told !== null && told.state !== 'seen' && told.id !== call.value?.id
    call.value = told?.state === 'seen' ? null : told
    if (told === null) bell.pause()
    if (!isNew) return
    document.documentElement.dataset['lastSound'] = 'call'
    bell.currentTime = 0
    bell.play().catch(() => undefined)
  }

  return {
    call,
    take(message) {
      if (message.type === 'staff-call') show(message.data.call)
      // What rang while nobody listened is no event.
      else if (message.type === 'hello') void client.kiosk().then((told) => show(told.call), () => undefined)
    },
    async see() {
      const id = call.value?.id
      bell.pause()
      if (id) await client.seeCall(id).catch(() => undefined)
      call.value = null
    },
  }
}
