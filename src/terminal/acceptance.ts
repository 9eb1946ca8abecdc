/** The command `npm run acceptance`: a line for each point of the platforms' acceptance, and a report to hand in. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { originsIn } from '../agent/technician/origins.ts'
import { parseSettings, readSettings, SettingsError } from '../agent/settings-file.ts'
import type { Settings } from '../agent/settings.ts'
import { createSimulator } from '../simulator/simulator.ts'
import { createAsker, type Asker } from './acceptance/asker.ts'
import { healthCardPoints } from './acceptance/health-card-points.ts'
import { otherPoints } from './acceptance/other-points.ts'
import { createPictures } from './acceptance/pictures.ts'
import { RESULTS, Skipped, toldBy, type Found, type Point } from './acceptance/point.ts'
import { startRehearsal } from './acceptance/rehearsal.ts'
import { reportHtml, reportJson, summaryOf, type Report } from './acceptance/report.ts'
import { simulatedData, testDataOf, type TestData } from './acceptance/test-data.ts'
import { explainStart } from './explain-start.ts'
import { rootDir } from './hosts/choose.ts'
import { keepLastWordsShort } from './last-words.ts'

const EXIT_USAGE = 64
const USAGE = '用法：npm run acceptance -- [--config 设置文件] [--data-dir 目录] [--calls 测试数据文件] [--out 目录] [--yes]\n'
const MARKS = { passed: '✔', failed: '✘', 'by-eye': '◎', skipped: '－' } as const

type Options = { config?: string | undefined; 'data-dir'?: string | undefined; calls?: string | undefined; out: string; yes: boolean }

keepLastWordsShort()
await main()

async function main(): Promise<void> {
  const options = optionsOrExit()
  const directory = mkdtempSync(join(tmpdir(), 'maqiao-acceptance-'))
  try {
    process.exitCode = await run(options, directory)
  } catch (error) {
    const { lines, exitCode } = explainStart(error)
    process.stderr.write(`${lines.join('\n')}\n`)
    process.exitCode = exitCode
  } finally {
    // Windows: the browser's last processes may still hold a file.
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

async function run(options: Options, directory: string): Promise<number> {
  const { version } = JSON.parse(readFileSync(join(rootDir(), 'package.json'), 'utf8')) as { version: string }
  const dataDir = options['data-dir'] ?? join(directory, 'data')
  const screensDir = join(rootDir(), 'out/renderer')
  const own = options.config === undefined ? createSimulator() : undefined
  const open: { close(): Promise<unknown> }[] = []
  const opened = <T extends { close(): Promise<unknown> }>(part: T): T => (open.unshift(part), part)
  try {
    await own?.listen(0)
    if (own !== undefined) opened(own)
    const settings = own === undefined ? readSettings(String(options.config), dataDir) : parseSettings(own.settings())
    if (Object.keys(settings.platforms).length === 0) throw new SettingsError([{ path: 'platforms', reason: 'must name a platform 没有配置平台，无从验收' }])
    const testData = options.calls === undefined ? await simulated(settings) : testDataOf(options.calls)
    const marks = join(directory, 'marks')
    if (options['data-dir'] === undefined) process.env['MAQIAO_MARKER_DIR'] = marks
    const asker = opened(createAsker({ settings, dataDir, version, mayCount: options.yes, testData }))
    // A directory that is thrown away leaves no mark on the machine.
    process.env['MAQIAO_MARKER_DIR'] = marks
    const rehearsal = opened(await startRehearsal({ kiosk: settings.kiosk, directory, screensDir, version }))
    const pictures = opened(createPictures(rehearsal, directory, screensDir))
    const points: Found[] = []
    for (const point of [...healthCardPoints(asker, rehearsal, pictures, dataDir), ...otherPoints(asker)]) {
      const found = await lookAt(point, asker)
      points.push(found)
      process.stdout.write(`${MARKS[found.result]} ${RESULTS[found.result]} ${found.result}  ${found.document} ${found.section} ${found.title}：${found.seen}\n`)
    }
    const summary = summaryOf(points)
    const file = writeReport(resolve(options.out), {
      product: 'MaQiao',
      version,
      at: new Date().toISOString(),
      terminalId: settings.terminal.id,
      simulated: own !== undefined,
      counted: options.yes,
      platforms: Object.entries(settings.platforms).map(([platform, section]) => ({ platform, hosts: originsIn(section).map(({ host }) => host) })),
      summary,
      points,
    })
    process.stdout.write(`${Object.entries(RESULTS).map(([result, words]) => `${words} ${summary[result as keyof typeof summary]}`).join('，')}。报告：${file}\n`)
    return summary.failed === 0 ? 0 : 1
  } finally {
    for (const part of open) await part.close()
  }
}

/** The path of the page; the JSON stands beside it. */
function writeReport(out: string, report: Report): string {
  mkdirSync(out, { recursive: true })
  const file = join(out, `acceptance-${report.terminalId.replace(/[^\w-]/g, '_')}-${report.at.replace(/\D/g, '').slice(0, 14)}`)
  writeFileSync(`${file}.html`, reportHtml(report))
  writeFileSync(`${file}.json`, reportJson(report))
  return `${file}.html`
}

/** A point never ends the others. */
async function lookAt({ look, ...point }: Point, asker: Asker): Promise<Found> {
  asker.takeRequestIds()
  const from = performance.now()
  const finding = await look().catch((error: unknown) =>
    error instanceof Skipped ? { result: 'skipped' as const, seen: error.message } : { result: 'failed' as const, seen: toldBy(error) },
  )
  return { ...point, ...finding, requestIds: asker.takeRequestIds(), ms: Math.round(performance.now() - from) }
}

/** The made-up people of the simulator that the settings point to; nobody where they point to none. */
async function simulated({ platforms }: Settings): Promise<TestData> {
  for (const { origin } of Object.values(platforms).flatMap((section) => originsIn(section))) {
    const data = await simulatedData(origin)
    if (data !== undefined) return data
  }
  return async () => undefined
}

function optionsOrExit(): Options {
  try {
    const { values } = parseArgs({
      options: {
        config: { type: 'string' }, 'data-dir': { type: 'string' }, calls: { type: 'string' }, out: { type: 'string', default: 'acceptance' },
        yes: { type: 'boolean', default: false },
      },
      strict: true,
    })
    return values
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`)
    process.exit(EXIT_USAGE)
  }
}
