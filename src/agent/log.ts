/** The log: JSON lines on standard error or in rotating files, without anything personal. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { printable } from './log-fields.ts'

export type LogFields = Record<string, string | number | boolean | null | undefined>
export type Log = {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  /** The last lines, newest last, for the diagnostic screen and the support package. */
  tail(): readonly string[]
  close(): void
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
const TAIL = 500

/**
 * @param options.directory where `maqiao.log`, `maqiao.log.1` … go; without it standard error
 * @param options.maxFileBytes size at which a file is turned over, default 10 MB
 * @param options.files how many are kept, default 5
 */
export function createLog(options: {
  level?: LogLevel
  directory?: string
  maxFileBytes?: number
  files?: number
  write?: (line: string) => void
} = {}): Log {
  const sink = options.write ? { write: options.write, close: () => {} } : options.directory ? fileSink(options.directory, options) : stderrSink()
  const last: string[] = []
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }), log: printable },
    },
    {
      write(line: string) {
        last.push(line.trimEnd())
        if (last.length > TAIL) last.shift()
        sink.write(line)
      },
    },
  )
  return {
    debug: (event, fields = {}) => logger.debug(fields, event),
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
    tail: () => last,
    close: sink.close,
  }
}

function stderrSink(): { write(line: string): void; close(): void } {
  return { write: (line) => void process.stderr.write(line), close: () => {} }
}

function fileSink(directory: string, options: { maxFileBytes?: number; files?: number }): { write(line: string): void; close(): void } {
  const maxBytes = options.maxFileBytes ?? 10_000_000
  const keep = options.files ?? 5
  mkdirSync(directory, { recursive: true })
  const nameOf = (index: number) => join(directory, index === 0 ? 'maqiao.log' : `maqiao.log.${index}`)
  const file = nameOf(0)
  /** Absent while it is closed: its number may be another file's by then. */
  let handle: number | undefined
  let size = 0
  const open = (): number => {
    handle = openSync(file, 'a', 0o600)
    size = statSync(file).size
    return handle
  }
  const shut = () => {
    const opened = handle
    handle = undefined
    if (opened !== undefined) closeSync(opened)
  }
  const turnOver = () => {
    shut()
    rmSync(nameOf(keep - 1), { force: true })
    for (let index = keep - 2; index >= 0; index--) if (existsSync(nameOf(index))) renameSync(nameOf(index), nameOf(index + 1))
  }
  open()
  return {
    write(text) {
      try {
        if (size + text.length > maxBytes && size > 0) turnOver()
      } catch {
        // Windows moves no file that somebody looks at: this one grows until it can be moved.
      }
      try {
        // The handle first: to open the file is to learn its size.
        const opened = handle ?? open()
        size += writeSync(opened, text)
      } catch {
        // A full disk must not stop a scan; the outbox reports the disk.
      }
    },
    close() {
      try {
        if (handle !== undefined) fsyncSync(handle)
        shut()
      } catch {
        // The disk is gone: nothing is left to be done.
      }
    },
  }
}
