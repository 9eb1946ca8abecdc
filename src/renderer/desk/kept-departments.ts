/** Departments that this desk has worked as, the latest first; no list of a hospital's departments exists. */
const KEY = 'maqiao.departments'
const MOST = 9

export function keptDepartments(current: string | undefined): string[] {
  let kept: unknown
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? '[]')
  } catch {
    kept = []
  }
  const names = Array.isArray(kept) ? kept.filter((name) => typeof name === 'string') : []
  return [...new Set([...names, ...(current ? [current] : [])])].slice(0, MOST)
}

/** Adds to the end, so that a department keeps its digit. */
export function keepDepartment(name: string): void {
  const names = keptDepartments(undefined)
  if (names.includes(name)) return
  localStorage.setItem(KEY, JSON.stringify([...names, name].slice(-MOST)))
}
