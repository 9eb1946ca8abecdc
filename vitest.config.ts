/** Which tests run and how: `--mode long`, `--mode hardware` and `--mode electron` choose the others. */
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { defineConfig } from 'vitest/config'

const LONG = 'test/**/*.long.test.ts'
const HARDWARE = 'test/hardware/**/*.test.ts'
const ELECTRON = 'test/**/*.electron.test.ts'

const MODES = {
  test: { include: ['test/**/*.test.ts'], exclude: [LONG, HARDWARE, ELECTRON, 'test/bench/**'], timeoutMs: 60_000 },
  long: { include: [LONG], exclude: [HARDWARE], timeoutMs: 30 * 60_000 },
  electron: { include: [ELECTRON], exclude: [], timeoutMs: 60_000 },
  hardware: { include: [HARDWARE], exclude: [], timeoutMs: 10 * 60_000 },
}

/** The longest first, then whatever drives a browser, however small it is: begun last, one of them would run alone. */
const LONGEST = [/kiosk-states/, /desk-states/, /diagnostics-states/, /camera.decode/, /main.shell\.test/, /camera\.browser/, /e2e.kiosk/, /desk-work/, /fuzz.api/, /renderer|e2e|\.browser\./]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.findIndex((name) => name.test(relative('test', moduleId)))
      return found < 0 ? LONGEST.length : found
    }
    return sorted.sort((a, b) => place(a) - place(b))
  }
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
      sequence: { sequencer: LongestFirst },
      // Limits for what never comes: what the tests ask of the product's speed stands in them.
      testTimeout: timeoutMs,
      hookTimeout: Math.max(timeoutMs, 60_000),
      teardownTimeout: 10_000,
      expect: { poll: { timeout: timeoutMs / 3 } },
      globalSetup: ['test/support/build-once.mjs'],
      // Marks that installations leave outside their data directory: not in the account of whoever runs the tests.
      env: { MAQIAO_MARKER_DIR: join(tmpdir(), `maqiao-test-markers-${process.pid}`) },
      setupFiles: ['test/support/watch-traces.ts'],
      passWithNoTests: false,
    },
  }
})
