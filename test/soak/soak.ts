/** `npm run soak -- --minutes N --seed S --picture FILE`: soaks a terminal and exits 1 where anything is lost, doubled or growing. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { faultsOf } from './limits.ts'
import { picture } from './picture.ts'
import { runSoak } from './run-soak.ts'
import { helpIfAsked } from '../../scripts/help.mjs'

helpIfAsked('soak')

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, picture: { type: 'string', default: 'out/soak.svg' } } })
const report = await runSoak({ minutes: Number(values.minutes), seed: Number(values.seed) })
mkdirSync(dirname(values.picture), { recursive: true })
writeFileSync(values.picture, picture(report.samples, `soak, seed ${report.seed}: ${report.scans} scans, ${report.acknowledged} results, ${report.kills} kills, ${report.lost.length} lost`))
const { samples: _samples, ...told } = report
process.stdout.write(`${JSON.stringify(told, null, 2)}\n${values.picture}\n`)
const faults = faultsOf(report)
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.exit(faults.length === 0 ? 0 : 1)
