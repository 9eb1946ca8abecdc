/** The 居民健康卡 mark that a site has been given (电子健康卡 2.8.3.7), as the kiosk shows it. */
import { readFileSync, statSync } from 'node:fs'
import { extname } from 'node:path'

const MAX_BYTES = 200 * 1024
const MEDIA_TYPES: Readonly<Record<string, string>> = { '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.svg': 'image/svg+xml' }

/** A data URL, or null where there is no such file, it is of another kind or larger than 200 KB: then the kiosk draws its own. */
export function cardMark(file: string | undefined): string | null {
  const mediaType = file === undefined ? undefined : MEDIA_TYPES[extname(file).toLowerCase()]
  if (file === undefined || mediaType === undefined) return null
  try {
    return statSync(file).size > MAX_BYTES ? null : `data:${mediaType};base64,${readFileSync(file).toString('base64')}`
  } catch {
    return null
  }
}
