/** The terminal as a process of its own with its log in files; a message `throw` ends it as a defect would. */
import { startTerminal } from '../../src/terminal/terminal.ts'
import { SCREENS } from '../support/terminal.ts'

const [config, dataDir = ''] = process.argv.slice(2)
try {
  const terminal = await startTerminal({ config, dataDir, screensDir: SCREENS, version: '0.0.0-test', host: 'none' })
  process.on('message', (message) => {
    if (message === 'stop') void terminal.stop().then(() => process.exit(0))
    // What a defect in the midst of a scan would throw has been near a patient.
    if (message === 'throw') setImmediate(() => void Promise.reject(new Error('a defect of the test')))
  })
  process.send?.({ ready: terminal.ready })
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(1)
}
