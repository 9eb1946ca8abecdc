/** An event whose default the shell may prevent. */
export type PlayedEvent = { defaultPrevented: boolean; preventDefault(): void }

export function playedEvent<T extends object>(fields: T = {} as T): T & PlayedEvent {
  const event = {
    ...fields,
    defaultPrevented: false,
    preventDefault() {
      event.defaultPrevented = true
    },
  }
  return event
}
