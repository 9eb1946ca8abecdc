/** Runs before the tests: what is built is what the sources say. After them: the installations' marks go. */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt } from '../../scripts/built.mjs'

/** Folders whose tests run the sources themselves. */
const SOURCE_ONLY = /^(\.\/)?test\/(devices|transcode|outbox|agent|simulator|architecture|terminal\/hosts)\b/

export function setup() {
  const named = process.argv.slice(2).filter((argument) => argument.startsWith('test/') || argument.startsWith('./test/'))
  // Who names such tests alone does not wait for a build that they do not use.
  if (named.length > 0 && named.every((file) => SOURCE_ONLY.test(file))) return
  try {
    ensureBuilt()
  } catch (error) {
    // Half-written screens do not keep anybody from testing the rest; a checked-in state must build.
    if (process.env.CI) throw error
    process.stderr.write(`${error.message}; the tests run against the last build\n`)
  }
}

/** The folder of `MAQIAO_MARKER_DIR` in vitest.config.ts, which is read by this process. */
export function teardown() {
  rmSync(join(tmpdir(), `maqiao-test-markers-${process.pid}`), { recursive: true, force: true })
}
