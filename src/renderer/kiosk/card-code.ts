/** The patient's own dynamic code on the screen: fetched, renewed before it ends, gone when closed. */
import { reactive } from 'vue'
import { ApiError } from '../api/api-error.ts'

/** Without `refreshInMs` it is a static code. */
export type CardCodeAnswer = { qrCodeText: string; refreshInMs?: number }

export type CardCode = {
  /** `refreshAt` is ms since 1970, null for a code that stays. `refused`: asking again would change nothing. */
  readonly state: { text: string | null; refreshAt: number | null; failed: boolean; refused: boolean }
  open(outcomeId: string): void
  close(): void
}

const RETRY_MS = 2000
const LEAST_MS = 3000

/** `fetchCode` rejects where there is none; unless that is for good, it is asked again every 2 s while the code is open. */
export function createCardCode(fetchCode: (outcomeId: string) => Promise<CardCodeAnswer>, now: () => number = Date.now): CardCode {
  const state: CardCode['state'] = reactive({ text: null, refreshAt: null, failed: false, refused: false })
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  async function renew(outcomeId: string, mine: number): Promise<void> {
    let wait = RETRY_MS
    try {
      const { qrCodeText, refreshInMs } = await fetchCode(outcomeId)
      if (mine !== turn) return
      if (refreshInMs === undefined) return void Object.assign(state, { text: qrCodeText, refreshAt: null, failed: false })
      wait = Math.max(LEAST_MS, refreshInMs)
      Object.assign(state, { text: qrCodeText, refreshAt: now() + wait, failed: false })
    } catch (error) {
      if (mine !== turn) return
      // A code past its time would be refused: better none.
      Object.assign(state, { text: null, failed: true })
      // A daily limit, or access that is refused, is not changed by asking again (10034, 21007).
      if (error instanceof ApiError && !error.fault.retryable) return void (state.refused = true)
    }
    timer = setTimeout(() => void renew(outcomeId, mine), wait)
  }

  function close(): void {
    turn++
    clearTimeout(timer)
    Object.assign(state, { text: null, refreshAt: null, failed: false, refused: false })
  }

  return {
    state,
    close,
    open(outcomeId) {
      close()
      void renew(outcomeId, turn)
    },
  }
}
