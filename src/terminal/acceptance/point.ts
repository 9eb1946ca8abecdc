/** One point of an acceptance: what a document asks for, and what was found. */

/** In the order in which a report counts them. */
export const RESULTS = { passed: '通过', failed: '不通过', 'by-eye': '目视', skipped: '跳过' } as const
export type Result = keyof typeof RESULTS

/** `seen` names fields, counts, durations and codes; never a value that is a person's, a code or a secret. */
export type Finding = { result: Result; seen: string; picture?: Buffer }

export type Point = {
  /** The document's short name, such as `电子健康卡`. */
  document: string
  /** Section, and number within it, such as `2.8.3.6-2`. */
  section: string
  title: string
  /** 检测说明, where the document has one. */
  need?: '必选项' | '条件必选项' | '推荐项'
  look(): Promise<Finding>
}

export type Found = Omit<Point, 'look'> & Finding & { requestIds: string[]; ms: number }

/** Ends a point as skipped, with the reason. */
export class Skipped extends Error {
  override readonly name = 'Skipped'
}

export const passed = (seen: string): Finding => ({ result: 'passed', seen })
export const failed = (seen: string): Finding => ({ result: 'failed', seen })

/** Passed where nothing is wrong; else every fault, named. */
export const passedUnless = (faults: readonly string[], seen: string): Finding => (faults.length === 0 ? passed(seen) : failed(faults.join('；')))

/** How an error is told: a platform's or the terminal's own words, which hold nothing personal. */
export function toldBy(error: unknown): string {
  if (!(error instanceof Error)) return '终端内部出错'
  const { fault, code, advice } = error as Error & { fault?: { code: string; message: string; advice: string; platformMessage?: string }; code?: string; advice?: string }
  if (fault !== undefined) return `${fault.code} ${fault.message}${fault.platformMessage === undefined ? '' : `（平台原话：${fault.platformMessage}）`}。${fault.advice}`
  return advice === undefined ? `终端内部出错（${code ?? error.name}）` : `${code ?? ''} ${error.message}。${advice}`
}
