/** The platforms as the outbox's receivers: each report goes to the platform that its kind names first. */
import type { Attempt, OutboxOptions } from '../outbox/outbox.ts'
import type { Platform } from '../transcode/platforms/platform.ts'

/** @param noting wraps each attempt, so that it is noted once it is on disk */
export function sendersOf(
  platforms: readonly Platform[],
  noting: (id: string, attempt: Attempt) => Attempt,
): Pick<OutboxOptions, 'canSend' | 'send' | 'isProven'> {
  const platformOf = (kind: string) => platforms.find((platform) => kind.startsWith(`${platform.id}/`))
  return {
    canSend: (kind) => platformOf(kind)?.deliver !== undefined,
    send: ({ id, kind, payload }, attempt, signal) => {
      const deliver = platformOf(kind)?.deliver
      if (!deliver) throw new Error(`no sender for ${kind}`)
      return deliver({ kind, payload }, noting(id, attempt), { signal })
    },
    isProven: (kind, open) => platformOf(kind)?.isProven?.(kind, open) ?? false,
  }
}
