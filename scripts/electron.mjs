/** Fetches Electron's binary, then starts the terminal in it. */
import { fetchElectron } from './electron-binary.mjs'
import { helpIfAsked } from './help.mjs'

helpIfAsked('electron')
if (!fetchElectron()) process.exit(1)
process.argv.splice(2, 0, 'start', '--host', 'electron')
await import('./run.mjs')
