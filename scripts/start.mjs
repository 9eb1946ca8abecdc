/** Starts the terminal: `node scripts/start.mjs [--config FILE] [--data-dir DIR] [--host electron|browser|none]`. */
process.argv.splice(2, 0, 'start')
await import('./run.mjs')
