/** The tests of one folder alone, as fast as they go: nothing is built, nothing is looked for afterwards. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { environment: 'node', pool: 'forks', maxWorkers: 2, testTimeout: 30_000, hookTimeout: 30_000, bail: 1, reporters: ['default'] },
})
