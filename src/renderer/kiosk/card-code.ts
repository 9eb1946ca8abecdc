/** The patient's own dynamic code on the screen: fetched, renewed before it ends, gone when closed. */
import { reactive } from 'vue'

export type DynamicCode = { qrCodeText: string; refreshInMs: number }

export type CardCode = {
  readonly state: { text: string | null; refreshAt: number; failed: boolean }
  open(outcomeId: string): void
  close(): void
}

const RETRY_MS = 2000
const LEAST_MS = 3000

/** `fetchCode` rejects where there is none; it is asked again every 2 s while the code is open. */
export function createCardCode(fetchCode: (outcomeId: string) => Promise<DynamicCode>, now: () => number = Date.now): CardCode {
  const state = reactive({ text: null as string | null, refreshAt: 0, failed: false })
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  async function renew(outcomeId: string, mine: number): Promise<void> {
    let wait = RETRY_MS
    try {
      const { qrCodeText, refreshInMs } = await fetchCode(outcomeId)
      if (mine !== turn) return
      wait = Math.max(LEAST_MS, refreshInMs)
      Object.assign(state, { text: qrCodeText, refreshAt: now() + wait, failed: false })
    } catch {
      if (mine !== turn) return
      // A code past its time would be refused: better none.
      Object.assign(state, { text: null, failed: true })
    }
    timer = setTimeout(() => void renew(outcomeId, mine), wait)
  }

  function close(): void {
    turn++
    clearTimeout(timer)
    Object.assign(state, { text: null, refreshAt: 0, failed: false })
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
