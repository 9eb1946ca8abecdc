/** Lets a test run code beside the shell, as Playwright's `electronApplication.evaluate` does. */

/** Answers `{ id, body }` with `{ id, result }` or `{ id, error }`; `body` is a function's body over `electron`. */
export function answerControl(electron: object): void {
  if (process.send === undefined) return
  const AsyncFunction = (async () => undefined).constructor as new (name: string, body: string) => (electron: object) => Promise<unknown>
  process.on('message', ({ id, body }: { id: number; body?: string }) => {
    if (body === undefined) return
    new AsyncFunction('electron', body)(electron).then(
      (result) => process.send?.({ id, result }),
      (error: unknown) => process.send?.({ id, error: String(error) }),
    )
  })
}
