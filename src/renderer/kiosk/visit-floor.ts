/** When the present visit began: a time alone, kept over a reload, so that a crash neither loses a scan nor shows another's. */
const KEY = 'maqiao.kiosk.visit'

export type VisitFloor = {
  raise(at: number): void
  /** True where something of this time belongs to an earlier visit. */
  isBelow(at: number): boolean
}

/** Without a kept time, as after a start of the machine, everything until now is of an earlier visit. */
export function createVisitFloor(now = Date.now(), storage: Storage = sessionStorage): VisitFloor {
  const kept = Number(storage.getItem(KEY) ?? Number.NaN)
  let floor = Number.isFinite(kept) && kept <= now ? kept : now
  return {
    raise(at) {
      floor = at
      storage.setItem(KEY, String(at))
    },
    isBelow: (at) => at < floor,
  }
}
