/** Asks the registry for known weaknesses of what is shipped, and whether the packages bear its signatures; a registry that does not answer is said and is no failure. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const LIMIT_MS = 120_000
/** Words of npm where the question was not answered, rather than answered badly. */
const UNANSWERED = /\b(40[0345]|50\d)\b|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ENOAUDIT|audit endpoint returned an error|SELF_SIGNED|UNABLE_TO/

const QUESTIONS = [
  { name: 'known weaknesses of what is shipped', args: ['audit', '--omit=dev', '--audit-level=high'] },
  { name: 'signatures of the packages', args: ['audit', 'signatures'] },
]

for (const { name, args } of QUESTIONS) {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', timeout: LIMIT_MS, shell: process.platform === 'win32' })
  const said = `${stdout ?? ''}${stderr ?? ''}`
  const answered = status === 0 || (status !== null && !UNANSWERED.test(stderr ?? ''))
  if (status === 0) process.stdout.write(`${name}: none wrong\n`)
  else if (answered) {
    process.stdout.write(`${said.trim()}\n${name}: see above\n`)
    process.exitCode = 1
  } else process.stdout.write(`${name}: the registry does not answer (${UNANSWERED.exec(stderr ?? '')?.[0] ?? 'no answer in time'})\n`)
}
