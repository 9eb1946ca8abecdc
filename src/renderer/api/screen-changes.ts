/** Keeps a screen's facts as the events tell them. */
import type { EventMessage, ScreenInfo } from './screen-types.ts'

/** Does nothing for an event of another kind. */
export function takeChange(screen: ScreenInfo, message: EventMessage): void {
  if (message.type === 'device') replaceById(screen.devices, message.data)
  else if (message.type === 'platform') replaceById(screen.platforms, message.data)
  else if (message.type === 'outbox') screen.outbox = { ...screen.outbox, ...message.data }
}

function replaceById<T extends { id: string }>(list: T[], item: T): void {
  const at = list.findIndex(({ id }) => id === item.id)
  if (at >= 0) list.splice(at, 1, item)
  else list.push(item)
}
