/** Which ports scanners of ours hold: of two scanners alike, each takes its own. */

const held = new WeakMap<object, Set<string>>()

/** Takes a port of this world of ports; undefined where one of ours has it. Returns what lets it go. */
export function claim(world: object, path: string): (() => void) | undefined {
  const taken = held.get(world) ?? new Set<string>()
  held.set(world, taken)
  if (taken.has(path)) return undefined
  taken.add(path)
  return () => void taken.delete(path)
}

/** The candidates in a stable order, the one at `place` first: those before it belong to scanners named before. */
export function inTurn<T extends { readonly path: string; readonly usbPort?: string | undefined }>(candidates: readonly T[], place: number): T[] {
  const nameOf = ({ usbPort, path }: T): string => usbPort ?? path
  const sorted = [...candidates].sort((a, b) => nameOf(a).localeCompare(nameOf(b), 'en', { numeric: true }))
  return [...sorted.slice(place), ...sorted.slice(0, place)]
}
