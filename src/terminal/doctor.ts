/** The command `npm run doctor -- --config FILE`: a line each; exit 0 all good, 1 something wrong. */
import { parseArgs } from 'node:util'
import { diagnose } from '../agent/diagnostics.ts'
import { parseSettings, readSettings, SettingsError } from '../agent/settings-file.ts'
import { defaultDataDir } from './data-dir.ts'

const { values } = parseArgs({
  options: { config: { type: 'string' }, 'data-dir': { type: 'string' } },
  strict: true,
})
const print = (ok: boolean, title: string, detail: string, advice?: string) =>
  process.stdout.write(`${ok ? '✔ 正常' : '✘ 异常'}  ${title}：${detail}${advice ? `  → ${advice}` : ''}\n`)

try {
  const settings = values.config === undefined ? parseSettings({ terminal: { id: 'doctor' } }) : readSettings(values.config)
  print(true, '设置', values.config ?? '没有给出 --config，只检查本机')
  let wrong = 0
  for await (const check of diagnose(settings, values['data-dir'] ?? defaultDataDir(false))) {
    if (!check.ok) wrong++
    print(check.ok, check.title, check.detail, check.advice)
  }
  process.exitCode = wrong === 0 ? 0 : 1
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  for (const fault of error.faults) print(false, '设置', `${fault.path}: ${fault.reason}`, '请改正设置文件')
  process.exitCode = 1
}
