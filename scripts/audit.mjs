/**
 * Asks the registry for known weaknesses of what is shipped, and whether the packages bear its signatures. Exit 1 if something is
 * wrong. A question that is not answered is no pass, and is said; the exit code is 0 all the same, since machines without a network
 * run the same commands, and 75 (sysexits.h: EX_TEMPFAIL) with --strict, for who has one.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { helpIfAsked } from './help.mjs'

helpIfAsked('audit')
const root = join(import.meta.dirname, '..')
const LIMIT_MS = Number(process.env.MAQIAO_AUDIT_LIMIT_MS ?? 30_000)
const EXIT_UNANSWERED = 75
/** Words of npm where the question was not answered, rather than answered badly. */
const UNANSWERED = /\b(40[0345]|50\d)\b|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ENOAUDIT|audit endpoint returned an error|SELF_SIGNED|UNABLE_TO/

const QUESTIONS = [
  { name: 'known weaknesses of what is shipped 已知弱点', args: ['audit', '--omit=dev', '--audit-level=high'] },
  { name: 'signatures of the packages 包的签名', args: ['audit', 'signatures'] },
]

/** Resolves to null as status if there was no answer in time. */
function npm(args) {
  const child = spawn('npm', [...args, '--fetch-retries=0', `--fetch-timeout=${LIMIT_MS}`], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32', detached: process.platform !== 'win32' })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      // npm's own children too: they would keep the pipes open.
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        child.kill('SIGKILL')
      }
      resolve({ status: null, stdout, stderr })
    }, LIMIT_MS)
    const done = (status) => (clearTimeout(limit), resolve({ status, stdout, stderr }))
    child.once('error', () => done(null))
    child.once('close', done)
  })
}

process.stdout.write(`asking the npm registry, at most ${Math.ceil(LIMIT_MS / 1000)} s a question 正在询问 npm 源\n`)
let unanswered = 0
for (const { name, args } of QUESTIONS) {
  const { status, stdout, stderr } = await npm(args)
  if (status === 0) process.stdout.write(`${name}: none wrong 没有发现问题\n`)
  else if (status !== null && !UNANSWERED.test(stderr)) {
    process.stdout.write(`${stdout}${stderr}`.trim() + `\n${name}: see above 见上\n`)
    process.exitCode = 1
  } else {
    unanswered += 1
    process.stdout.write(`${name}: NOT CHECKED, the registry does not answer (${UNANSWERED.exec(stderr)?.[0] ?? 'no answer in time'}) 未核查\n`)
  }
}
if (unanswered > 0) {
  process.stdout.write('not checked is no pass: run it again where the registry answers 未核查不算通过，请在能访问 npm 源的机器上再运行\n')
  if (process.argv.includes('--strict')) process.exitCode ??= EXIT_UNANSWERED
}
