/** The same questions asked of real Electron: `npm run test:electron`, where its binary is installed. */
import { describe } from 'vitest'
import { launchInElectron } from './shell-driver.ts'
import { shellSuite } from './shell-suite.ts'

describe('the shell in Electron', () => {
  shellSuite(launchInElectron)
})
