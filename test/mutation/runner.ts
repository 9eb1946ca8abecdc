/**
 * One vitest for many mutants, since starting it takes longer than most tests do. A child of mutate.ts: it is told which files changed
 * and which tests to run, and answers whether all of them pass.
 */
import { createVitest } from 'vitest/node'

export type Question = { readonly changed: readonly string[]; readonly tests: readonly string[] }

const vitest = await createVitest('test', { config: 'test/mutation/vitest.config.ts', watch: false })
await vitest.standalone()

process.on('message', ({ changed, tests }: Question) => void answer(changed, tests))

async function answer(changed: readonly string[], tests: readonly string[]): Promise<void> {
  for (const file of changed) vitest.invalidateFile(file)
  const specifications = await vitest.globTestSpecifications([...tests])
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, true)
  // All that it ever ran is in the result.
  const asked = testModules.filter(({ moduleId }) => specifications.some((each) => each.moduleId === moduleId))
  process.send!(asked.length === tests.length && unhandledErrors.length === 0 && asked.every((module) => module.ok()))
}
