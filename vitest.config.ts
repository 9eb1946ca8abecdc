/** Which tests run and how: `--mode long`, `--mode hardware` and `--mode electron` choose the others. */
import { defineConfig } from 'vitest/config'

const LONG = 'test/**/*.long.test.ts'
const HARDWARE = 'test/hardware/**/*.test.ts'
const ELECTRON = 'test/**/*.electron.test.ts'

const MODES = {
  test: { include: ['test/**/*.test.ts'], exclude: [LONG, HARDWARE, ELECTRON, 'test/bench/**'], timeoutMs: 20_000 },
  long: { include: [LONG], exclude: [HARDWARE], timeoutMs: 30 * 60_000 },
  electron: { include: [ELECTRON], exclude: [], timeoutMs: 60_000 },
  hardware: { include: [HARDWARE], exclude: [], timeoutMs: 10 * 60_000 },
}

export default defineConfig(({ mode }) => {
  const { include, exclude, timeoutMs } = MODES[mode as keyof typeof MODES] ?? MODES.test
  return {
    test: {
      environment: 'node',
      include,
      exclude,
      // Of its own process each: they open terminals, sockets and signals of their own.
      pool: 'forks',
      maxWorkers: 2,
      testTimeout: timeoutMs,
      hookTimeout: Math.max(timeoutMs, 60_000),
      teardownTimeout: 10_000,
      globalSetup: ['test/support/build-once.mjs'],
      setupFiles: ['test/support/watch-traces.ts'],
      passWithNoTests: false,
    },
  }
})
