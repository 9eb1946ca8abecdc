/** The call for help as the patient sees it: told to the terminal once, and what became of it. */
import { reactive } from 'vue'
import type { Client } from '../api/client.ts'
import type { EventMessage, StaffCall } from '../api/screen-types.ts'

/** Why, as far as the screen knows. */
export type CallReason = 'help' | 'ending' | 'no-code' | 'health-code' | 'closed'

const CALLS_MOST = 99

export type HelpCall = ReturnType<typeof createHelpCall>

export function createHelpCall(client: Pick<Client, 'callStaff' | 'withdrawCall'>, onChange: (state: StaffCall['state']) => void) {
  const shown = reactive({ open: false, number: 0, state: 'sending' as StaffCall['state'] })

  function take(call: StaffCall | null): void {
    if (!shown.open || !call || call.state === shown.state) return
    shown.state = call.state
    onChange(call.state)
  }

  return {
    shown,
    /** Begins a call or rings again; nobody is told where the terminal does not answer. */
    async ring(reason: CallReason): Promise<void> {
      if (!shown.open) Object.assign(shown, { open: true, number: (shown.number % CALLS_MOST) + 1, state: 'sending' })
      const told = await client.callStaff(reason).catch(() => null)
      take(told?.call ?? { id: '', at: '', reason, state: 'failed' })
    },
    end(): void {
      if (!shown.open) return
      shown.open = false
      void client.withdrawCall().catch(() => undefined)
    },
    takeEvent(message: EventMessage): void {
      if (message.type === 'staff-call') take(message.data.call)
    },
  }
}
