/** What a page can do so that nobody leaves it: menus, zoom, drag, selection, print, files, keys, history. */

const swallow = (event: Event): void => event.preventDefault()

/** Events that nothing on the kiosk needs. */
const SWALLOWED = [
  'contextmenu',
  'dragstart',
  'dragenter',
  'dragover',
  'drop',
  'selectstart',
  'copy',
  'cut',
  'paste',
  'auxclick',
  'gesturestart',
  'gesturechange',
] as const

/** Keys that reload, print, save, look behind the page or leave it. Plain characters are a keyboard scanner's. */
function leaves({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (/^F\d{1,2}$/.test(key)) return true
  if (ctrlKey || metaKey) return true
  // Alt with digits is how some scanners type Chinese.
  if (altKey) return !/^\d$/.test(key) && key !== 'Alt'
  return /^(Browser|Launch|Zoom|Media)/.test(key) || ['ContextMenu', 'PrintScreen', 'Print', 'Open', 'Save', 'Close', 'Help', 'Find', 'Escape'].includes(key)
}

/** Holds until the returned function is called. */
export function blockWaysOut(target: Window = window): () => void {
  const stop = new AbortController()
  const options = { signal: stop.signal, capture: true, passive: false }
  for (const type of SWALLOWED) target.addEventListener(type, swallow, options)
  target.addEventListener('keydown', (event) => leaves(event) && event.preventDefault(), options)
  // The wheel's button scrolls and pastes, those at a mouse's side go back and forth.
  for (const type of ['mousedown', 'mouseup'] as const) target.addEventListener(type, (event) => event.button > 0 && event.preventDefault(), options)
  target.addEventListener('wheel', (event) => event.ctrlKey && event.preventDefault(), options)
  target.addEventListener('touchstart', (event) => event.touches.length > 1 && event.preventDefault(), options)
  target.addEventListener('touchmove', (event) => event.touches.length > 1 && event.preventDefault(), options)
  // A key of a scanner must not press the button that was touched last.
  target.addEventListener('pointerup', () => queueMicrotask(letGo), options)
  target.addEventListener('click', (event) => event.detail > 0 && letGo(), { signal: stop.signal })
  // One step back leads to this same page.
  target.history.pushState(null, '')
  target.open = () => null
  target.addEventListener('popstate', () => target.history.pushState(null, ''), options)
  return () => stop.abort()
}

function letGo(): void {
  const { activeElement } = document
  if (activeElement instanceof HTMLButtonElement) activeElement.blur()
}
