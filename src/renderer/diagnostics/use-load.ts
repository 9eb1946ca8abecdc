/** Something that is asked of the terminal, once, at an interval, or when told to. */
import { onBeforeUnmount, onMounted, shallowRef } from 'vue'
import type { Fault } from '../../transcode/outcome.ts'
import { faultOf } from './faults.ts'

/** What stands stays on the screen while it is asked anew, and where that fails. */
export function useLoad<T>(load: () => Promise<T>, everyMs?: number) {
  const data = shallowRef<T | null>(null)
  const fault = shallowRef<Fault | null>(null)
  const busy = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false
  let turn = 0

  async function refresh(): Promise<void> {
    clearTimeout(timer)
    const mine = ++turn
    busy.value = true
    try {
      const answer = await load()
      if (mine !== turn) return
      data.value = answer
      fault.value = null
    } catch (error) {
      if (mine !== turn) return
      fault.value = faultOf(error)
    }
    busy.value = false
    if (everyMs !== undefined && !over) timer = setTimeout(() => void refresh(), everyMs)
  }

  onMounted(refresh)
  onBeforeUnmount(() => {
    over = true
    turn++
    clearTimeout(timer)
  })
  return { data, fault, busy, refresh }
}
