/** The codes that this terminal can take, by the formats' own definitions. */
import type { TakenFormat } from '../api/screen-types.ts'
import { sharedZhCn } from '../messages/shared-zh-cn.ts'

/** Their names, for staff and for what a patient may show instead: those that a platform is asked about first, one for each platform. */
export function acceptedCodes(formats: readonly TakenFormat[]): string[] {
  const taken = formats.filter((each) => each.taken)
  const asked = taken.filter(({ platform }, at) => platform !== null && taken.findIndex((each) => each.platform === platform) === at)
  const words: Readonly<Record<string, string>> = sharedZhCn.formats
  return [...asked, ...taken.filter(({ platform }) => platform === null)].map(({ format, label }) => words[format] ?? label)
}
