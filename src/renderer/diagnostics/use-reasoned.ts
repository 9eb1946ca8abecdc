/** Something done for a reason: what the audit is told, whether it is under way, what went wrong. */
import { computed, shallowRef } from 'vue'
import type { Fault } from '../../transcode/outcome.ts'
import { faultOf } from './faults.ts'
import type { Reason } from './diagnostics-client.ts'

export function useReasoned() {
  const why = shallowRef('')
  const who = shallowRef('')
  const busy = shallowRef(false)
  const fault = shallowRef<Fault | null>(null)

  return {
    why,
    who,
    busy,
    fault,
    /** A reason is given, and nothing is under way. */
    ready: computed(() => !busy.value && why.value !== ''),
    /** Does it; what it throws is shown. */
    async act(work: (reason: Reason) => Promise<void>): Promise<void> {
      busy.value = true
      fault.value = null
      try {
        await work({ why: why.value, ...(who.value === '' ? {} : { who: who.value }) })
      } catch (error) {
        fault.value = faultOf(error)
      }
      busy.value = false
    },
  }
}
