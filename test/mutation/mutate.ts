/**
 * `npm run mutate -- --of src/outbox --by test/outbox [--then TESTS] [--count N] [--seed S] [--at FILE:LINE] [--limit SEC]`: changes
 * the sources in a copy, one small change at a time, and runs the tests against it. Prints a line of JSON for each mutant that no test
 * noticed, and the figures last. --of, --by, --then and --at may be given several times; each names a file or a folder.
 * --then: slower tests, run only for a mutant that --by did not notice. --at: only the mutants of that line.
 * --checked: the tests are known to pass on the sources as they are. Without --count all mutants are tried, which takes hours.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { helpIfAsked } from '../../scripts/help.mjs'
import { createRandom } from '../fuzz/random.ts'
import { mutantsOf, type Mutant } from './mutants.ts'
import type { Question } from './runner.ts'

helpIfAsked('mutate')
const ROOT = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: {
    of: { type: 'string', multiple: true, default: ['src/outbox'] }, by: { type: 'string', multiple: true, default: ['test/outbox'] },
    then: { type: 'string', multiple: true, default: [] }, at: { type: 'string', multiple: true },
    count: { type: 'string' }, seed: { type: 'string', default: '1' }, limit: { type: 'string', default: '240' }, checked: { type: 'boolean' },
  },
})
/** What takes minutes and finds nothing that the others do not. */
const LEFT_OUT = /(kill|scale)\.test\.ts$|\.long\.test\.ts$/
/** A double of the tests' own. */
const DOUBLES = /memory-store\.ts$/

/** Asked last: they take a minute, and most mutants are noticed before. */
const SLOW = /(faults|power-loss)\.test\.ts$/

const tests = filesIn(values.by, '.test.ts').filter((name) => !LEFT_OUT.test(name))
const stages = [tests.filter((name) => !SLOW.test(name)), [...tests.filter((name) => SLOW.test(name)), ...filesIn(values.then, '.test.ts')]]
const files = filesIn(values.of, '.ts').filter((name) => !DOUBLES.test(name))
const all = files.sort().flatMap((file) => mutantsOf(file, readFileSync(join(ROOT, file), 'utf8')))
  .filter(({ file, line }) => values.at === undefined || values.at.includes(`${file}:${line}`))
const chosen = pick(all, values.count === undefined ? all.length : Number(values.count))

const place = mkdtempSync(join(tmpdir(), 'maqiao-mutants-'))
for (const name of ['src', 'test', 'package.json', 'resources']) {
  cpSync(join(ROOT, name), join(place, name), { recursive: true, filter: (path) => !relative(ROOT, path).startsWith('test/baselines') })
}
symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
let survived = 0
let runner: ChildProcess | undefined
let restored: string | undefined
try {
  if (values.checked !== true && !(await passes())) throw new Error('the tests fail on the sources as they are')
  for (const [index, mutant] of chosen.entries()) {
    const noticed = await isNoticed(mutant)
    if (!noticed) survived++
    const { file, line, from, to, before, after } = mutant
    const near = readFileSync(join(place, file), 'utf8').slice(Math.max(0, from - 20), to + 20)
    if (!noticed) process.stdout.write(`${JSON.stringify({ file, line, before, after, near })}\n`)
    process.stderr.write(`${index + 1}/${chosen.length} ${noticed ? 'killed' : 'SURVIVED'} ${file}:${line} ${before.slice(0, 40).replace(/\s+/g, ' ')} -> ${after.slice(0, 40)}\n`)
  }
} finally {
  stopRunner()
  rmSync(place, { recursive: true, force: true })
}
const killed = chosen.length - survived
process.stdout.write(`${JSON.stringify({ of: values.of, mutants: all.length, tried: chosen.length, killed, survived, percent: Math.round((1000 * killed) / chosen.length) / 10 })}\n`)

/** A mutant is noticed where a test fails, or where they do not end in time. */
async function isNoticed({ file, from, to, after }: Mutant): Promise<boolean> {
  const path = join(place, file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.slice(0, from) + after + text.slice(to))
  try {
    return !(await passes([path]))
  } finally {
    writeFileSync(path, text)
    restored = path
  }
}

async function passes(changed: readonly string[] = []): Promise<boolean> {
  for (const some of stages) if (some.length > 0 && !(await run({ changed: [...changed, ...(restored === undefined ? [] : [restored])], tests: some }))) return false
  return true
}

function run(question: Question): Promise<boolean> {
  const child = (runner ??= fork('test/mutation/runner.ts', { cwd: place, stdio: 'ignore', detached: true }))
  return new Promise((resolve) => {
    const limit = setTimeout(stopRunner, Number(values.limit) * 1000)
    const end = (passed: boolean) => {
      clearTimeout(limit)
      child.removeAllListeners()
      resolve(passed)
    }
    child.once('message', (passed) => end(passed === true))
    child.once('exit', () => {
      runner = undefined
      end(false)
    })
    child.send(question)
  })
}

/** With the workers that it has started. */
function stopRunner(): void {
  if (runner?.pid !== undefined) process.kill(-runner.pid, 'SIGKILL')
}

/** The files that are named, and those with this ending in the folders that are named. */
function filesIn(names: readonly string[], ending: string): string[] {
  return names.flatMap((name) => statSync(join(ROOT, name)).isFile() ? [name]
    : readdirSync(join(ROOT, name), { recursive: true, encoding: 'utf8' }).filter((inner) => inner.endsWith(ending)).map((inner) => join(name, inner)))
}

/** `count` of them, spread over all files by chance. */
function pick(mutants: readonly Mutant[], count: number): Mutant[] {
  const random = createRandom(Number(values.seed))
  const left = [...mutants]
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.below(left.length), 1)[0]!)
}
