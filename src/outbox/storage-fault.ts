/** Which fault of storing an error of SQLite or of the file system stands for. */
import { OutboxError, type OutboxFaultCode } from './outbox.ts'

const SQLITE = { BUSY: 5, LOCKED: 6, CORRUPT: 11, FULL: 13, NOTADB: 26 } as const

/** Its code; undefined for an error that has nothing to do with storing. */
export function storageFault(error: unknown): OutboxFaultCode | undefined {
  if (error instanceof OutboxError) return error.code
  if (!(error instanceof Error)) return undefined
  const { code, errcode } = error as Error & { code?: string; errcode?: number }
  if (code === 'ERR_SQLITE_ERROR' && errcode !== undefined) {
    switch (errcode & 0xff) {
      case SQLITE.CORRUPT:
      case SQLITE.NOTADB:
        return 'OUTBOX_DAMAGED'
      case SQLITE.FULL:
        return 'OUTBOX_DISK_FULL'
      case SQLITE.BUSY:
      case SQLITE.LOCKED:
        return 'OUTBOX_IN_USE'
      default:
        return 'OUTBOX_READ_ONLY'
    }
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'OUTBOX_DISK_FULL'
  return typeof (error as NodeJS.ErrnoException).syscall === 'string' ? 'OUTBOX_READ_ONLY' : undefined
}
