/** One line of the technician's checks. */
export type Check = {
  /** Stable, such as `platform.ankang.reach`. */
  id: string
  ok: boolean
  title: string
  /** What was seen. */
  detail: string
  /** What to do; absent where all is well. Beside `ok` it is a warning: it works, and should be put right. */
  advice?: string
}

export function check(id: string, title: string, ok: boolean, detail: string, advice?: string): Check {
  return ok || advice === undefined ? { id, ok, title, detail } : { id, ok, title, detail, advice }
}
