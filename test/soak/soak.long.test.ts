import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { faultsOf } from './limits.ts'
import { picture } from './picture.ts'
import { runSoak } from './run-soak.ts'

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 60)

test(`${MINUTES} minutes of scans, unplugs, outages, kills and restarts: nothing lost, nothing twice, nothing grows`, async () => {
  const report = await runSoak({ minutes: MINUTES, seed: Number(process.env['SOAK_SEED'] ?? 1) })
  const out = join(import.meta.dirname, '../../out')
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'soak.svg'), picture(report.samples, `soak, seed ${report.seed}: ${report.scans} scans, ${report.acknowledged} results, ${report.kills} kills`))
  const { samples: _samples, ...told } = report
  console.log(JSON.stringify(told))
  expect(faultsOf(report)).toEqual([])
}, (MINUTES + 10) * 60_000)
