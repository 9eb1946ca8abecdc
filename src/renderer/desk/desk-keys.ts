/** What each key of the desk does. */
import type { DeskContext } from './desk-context.ts'
import type { Overlay } from './desk-state.ts'

export type DeskMoves = {
  toggleStrip(): void
  unfold(): Promise<void>
  focusSearch(): void
  /** False where nobody calls. */
  answerCall(): boolean
}

const OPENS: Record<string, Overlay> = { F1: 'help', F3: 'scene', F4: 'department', F5: 'step', F6: 'manual' }

/** True where the key meant something; the page then keeps it from the browser. */
export function pressKey(key: string, context: DeskContext, moves: DeskMoves): boolean {
  const { desk, primary, selection } = context
  const { state } = desk
  const overlay = OPENS[key]
  if (overlay) {
    state.overlay = state.overlay === overlay ? null : overlay
    return true
  }
  switch (key) {
    case 'Shift+F2':
      if (desk.stage.value === 'accepted' && state.current?.outcome.patient) state.overlay = 'reasons'
      return true
    case 'F7':
      state.overlay = null
      moves.focusSearch()
      return true
    case 'F8':
      context.turnSound()
      return true
    case 'F9':
      moves.toggleStrip()
      return true
    case 'F10':
      if (!state.screen?.rehearsal) return true
      state.tray = !state.tray
      if (state.tray) void moves.unfold()
      return true
    case 'F11':
      return moves.answerCall()
    case 'Escape':
      return escape(context)
  }
  if (state.overlay) return dialogDigit(key, context)
  if (key === 'Enter' && primary.key === 'Enter') {
    primary.run()
    return true
  }
  if (/^[1-9]$/.test(key)) return digit(Number(key) - 1, context)
  if (desk.stage.value === 'choose' && /^Arrow(Up|Down|Left|Right)$/.test(key)) {
    const count = state.current?.outcome.targets.length ?? 0
    const step = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : -1
    selection.index = Math.min(count - 1, Math.max(0, selection.index + step))
    return true
  }
  return false
}

function dialogDigit(key: string, { dialog }: DeskContext): boolean {
  if (!dialog.digit || !/^[1-9]$/.test(key)) return false
  dialog.digit(Number(key) - 1)
  return true
}

/** From the outside in: a dialog, the tray, the field, and at last what is on stage. */
function escape({ desk }: DeskContext): boolean {
  const { state } = desk
  if (state.overlay) state.overlay = null
  else if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur()
  else if (state.tray) state.tray = false
  else if (desk.stage.value !== 'offline') desk.next()
  return true
}

function digit(index: number, { desk, copyField }: DeskContext): boolean {
  if (desk.stage.value === 'choose') {
    const target = desk.state.current?.outcome.targets[index]
    if (target) void desk.choose(target.id)
    return true
  }
  if (desk.stage.value !== 'accepted') return false
  copyField(index)
  return true
}
