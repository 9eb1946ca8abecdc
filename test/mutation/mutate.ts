/**
 * `npm run mutate -- --of src/outbox --by test/outbox [--count N] [--seed S] [--limit SEC]`: changes the sources in a copy, one small
 * change at a time, and runs the tests against it. Prints a line of JSON for each mutant that no test noticed, and the figures last.
 * --checked: the tests are known to pass on the sources as they are. Without --count all mutants are tried, which takes hours.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '../fuzz/random.ts'
import { mutantsOf, type Mutant } from './mutants.ts'

const ROOT = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: { of: { type: 'string', default: 'src/outbox' }, by: { type: 'string', default: 'test/outbox' }, count: { type: 'string' }, seed: { type: 'string', default: '1' }, limit: { type: 'string', default: '240' }, checked: { type: 'boolean' } },
})
/** What takes minutes and finds nothing that the others do not. */
const LEFT_OUT = /(kill|scale)\.test\.ts$|\.long\.test\.ts$/
/** A double of the tests' own. */
const DOUBLES = /memory-store\.ts$/

/** Asked last: they take a minute, and most mutants are noticed before. */
const SLOW = /(faults|power-loss)\.test\.ts$/

const tests = readdirSync(join(ROOT, values.by)).filter((name) => name.endsWith('.test.ts') && !LEFT_OUT.test(name)).map((name) => join(values.by, name))
const files = readdirSync(join(ROOT, values.of), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !DOUBLES.test(name)).map((name) => join(values.of, name))
const all = files.sort().flatMap((file) => mutantsOf(file, readFileSync(join(ROOT, file), 'utf8')))
const chosen = pick(all, values.count === undefined ? all.length : Number(values.count))

const place = mkdtempSync(join(tmpdir(), 'maqiao-mutants-'))
for (const name of ['src', 'test', 'package.json', 'resources']) {
  cpSync(join(ROOT, name), join(place, name), { recursive: true, filter: (path) => !relative(ROOT, path).startsWith('test/baselines') })
}
symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
let survived = 0
try {
  if (values.checked !== true && !(await passes())) throw new Error('the tests fail on the sources as they are')
  for (const [index, mutant] of chosen.entries()) {
    const noticed = await isNoticed(mutant)
    if (!noticed) survived++
    const { file, line, before, after } = mutant
    if (!noticed) process.stdout.write(`${JSON.stringify({ file, line, before, after })}\n`)
    process.stderr.write(`${index + 1}/${chosen.length} ${noticed ? 'killed' : 'SURVIVED'} ${file}:${line} ${before.slice(0, 40).replace(/\s+/g, ' ')} -> ${after.slice(0, 40)}\n`)
  }
} finally {
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
    return !(await passes())
  } finally {
    writeFileSync(path, text)
  }
}

async function passes(): Promise<boolean> {
  const slow = tests.filter((name) => SLOW.test(name))
  return (await run(tests.filter((name) => !SLOW.test(name)))) && (slow.length === 0 || run(slow))
}

function run(some: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutation/vitest.config.ts', ...some], { cwd: place, stdio: 'ignore', detached: true })
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), Number(values.limit) * 1000)
    child.once('error', reject)
    child.once('exit', (code) => {
      clearTimeout(limit)
      resolve(code === 0)
    })
  })
}

/** `count` of them, spread over all files by chance. */
function pick(mutants: readonly Mutant[], count: number): Mutant[] {
  const random = createRandom(Number(values.seed))
  const left = [...mutants]
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.below(left.length), 1)[0]!)
}
