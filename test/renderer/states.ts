/** docs/states.json: every state of every screen. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** `headline` is the whole of it, or a regular expression for it where its figures are never twice the same. */
export type State = {
  id: string
  screen: string
  state?: string
  section?: string
  headline: string
  alert?: string
  overlay?: string
  dialog?: string
  mode?: string
}

export const STATES = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/states.json'), 'utf8')) as State[]
