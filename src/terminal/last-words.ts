/** What a terminal says when a defect ends it: where it happened, never what it held. */

/**
 * Ends the process with 1 after an error that nobody caught. Node itself would print the error with all that hangs on
 * it, past every mask; a message may quote what was scanned, so that only names, codes and places are printed.
 */
export function keepLastWordsShort(write: (line: string) => void = (line) => void process.stderr.write(line)): void {
  process.on('uncaughtException', (error: unknown) => {
    const { name, code, stack } = error instanceof Error ? (error as NodeJS.ErrnoException) : { name: typeof error }
    const at = (stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line)).map((line) => line.trim())
    const word = /^[A-Z][A-Z0-9_]*$/.test(String(code)) ? code : undefined
    write(`${JSON.stringify({ level: 'fatal', time: new Date().toISOString(), event: 'terminal.died', name, code: word, at })}\n`)
    process.exit(1)
  })
}
