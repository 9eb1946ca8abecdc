/** Which tests run and how: `--mode long`, `--mode hardware` and `--mode electron` choose the others. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
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

/** Files that drive a browser take the longest, however small they are: begun last, one of them would run alone. */
const DRIVES_A_BROWSER = /[/\\](renderer|e2e)[/\\]|\.browser\.test\.ts$|[/\\]main[/\\]shell\.test\.ts$/

class BrowsersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const late = ({ moduleId }: TestSpecification) => Number(!DRIVES_A_BROWSER.test(moduleId))
    return sorted.sort((a, b) => late(a) - late(b))
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
      sequence: { sequencer: BrowsersFirst },
      testTimeout: timeoutMs,
      hookTimeout: Math.max(timeoutMs, 60_000),
      teardownTimeout: 10_000,
      globalSetup: ['test/support/build-once.mjs'],
      // Marks that installations leave outside their data directory: not in the account of whoever runs the tests.
      env: { MAQIAO_MARKER_DIR: join(tmpdir(), `maqiao-test-markers-${process.pid}`) },
      setupFiles: ['test/support/watch-traces.ts'],
      passWithNoTests: false,
    },
  }
})
