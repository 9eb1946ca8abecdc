/** The command `npm run doctor -- --config FILE`: a line each; exit 0 all good or with warnings, 1 something wrong. */
import { parseArgs } from 'node:util'
import { diagnose } from '../agent/diagnostics.ts'
import { parseSettings, readSettings, SettingsError } from '../agent/settings-file.ts'
import { defaultDataDir } from './data-dir.ts'

/** sysexits.h: EX_USAGE. */
const EXIT_USAGE = 64
const USAGE = '用法：npm run doctor -- [--config 设置文件] [--data-dir 目录]'

const options = optionsOrExit()
const { config } = options
const print = (ok: boolean, title: string, detail: string, advice?: string) =>
  process.stdout.write(`${!ok ? '✘ 异常' : advice === undefined ? '✔ 正常' : '！注意'}  ${title}：${detail}${advice ? `  → ${advice}` : ''}\n`)

try {
  const dataDir = options['data-dir'] ?? defaultDataDir(false)
  const settings = config === undefined ? parseSettings({ terminal: { id: 'doctor' } }) : readSettings(config, dataDir)
  print(true, '设置', config ?? '没有给出 --config，只检查本机')
  let wrong = 0
  for await (const check of diagnose(settings, dataDir, config)) {
    if (!check.ok) wrong++
    print(check.ok, check.title, check.detail, check.advice)
  }
  if (wrong > 0) process.stdout.write(`共有 ${wrong} 处异常。\n`)
  process.exitCode = wrong === 0 ? 0 : 1
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  for (const fault of error.faults) print(false, '设置', `${fault.path}: ${fault.reason}`, '请改正设置文件')
  process.exitCode = 1
}

function optionsOrExit(): { config?: string | undefined; 'data-dir'?: string | undefined } {
  try {
    return parseArgs({ options: { config: { type: 'string' }, 'data-dir': { type: 'string' } }, strict: true }).values
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}\n`)
    process.exit(EXIT_USAGE)
  }
}
