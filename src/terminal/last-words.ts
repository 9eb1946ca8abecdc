/** What a terminal says of a defect that nobody caught: where it happened, never what it held. */

export type LastWordsOptions = {
  /** Takes each line; default standard error. */
  write?: (line: string) => void
  /** A promise that nobody awaited does not end the process: Electron has it so, and nobody would start the shell again. */
  outlivesRejections?: boolean
}

/**
 * Ends the process with 1 after an error that nobody caught. Node itself would print the error with all that hangs on
 * it, past every mask, and Electron show it in a dialog; a message may quote what was scanned, so that only names,
 * codes and places are printed.
 */
export function keepLastWordsShort({ write = (line) => void process.stderr.write(line), outlivesRejections = false }: LastWordsOptions = {}): void {
  const say = (level: 'fatal' | 'error', event: string, error: unknown): void => {
    const { name, code, stack } = error instanceof Error ? (error as NodeJS.ErrnoException) : { name: typeof error }
    const at = (stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line)).map((line) => line.trim())
    const word = /^[A-Z][A-Z0-9_]*$/.test(String(code)) ? code : undefined
    write(`${JSON.stringify({ level, time: new Date().toISOString(), event, name, code: word, at })}\n`)
  }
  process.on('uncaughtException', (error: unknown) => {
    say('fatal', 'terminal.died', error)
    process.exit(1)
  })
  if (outlivesRejections) process.on('unhandledRejection', (reason: unknown) => say('error', 'terminal.unawaited', reason))
}
