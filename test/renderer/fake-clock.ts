/** The played terminal's clock: the machine's, until a picture is to be taken. */

/** What the clock says in every picture: a Monday morning in Hefei. */
export const STILL_AT = Date.parse('2026-03-02T09:30:05+08:00')

let clock: () => number = Date.now

/** ms since 1970. */
export const terminalNow = (): number => clock()

/** From now on it stands still. */
export const stopClock = (): void => void (clock = () => STILL_AT)

/** It starts at the pictures' time and goes on, as a page's does whose clock a test moves. */
export function startClock(): void {
  const from = Date.now()
  clock = () => STILL_AT + Date.now() - from
}
