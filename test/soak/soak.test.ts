import { expect, test } from 'vitest'
import { faultsOf } from './limits.ts'
import { picture } from './picture.ts'
import { runSoak } from './run-soak.ts'
import { slopeOf, type Sample } from './samples.ts'

test('25 seconds of scans, unplugs, outages, kills and restarts: nothing lost, nothing twice, nothing grows', async () => {
  const report = await runSoak({ minutes: 0.42, seed: 20261122 })
  expect(faultsOf(report)).toEqual([])
  expect([report.kills, report.restarts, report.outages, report.unplugs, report.tokensKilled].every((count) => count > 0)).toBe(true)
  expect(picture(report.samples, 'x')).toContain('<polyline')
}, 180_000)

test('growth is seen, whatever the lives begin with', () => {
  const sample = (minute: number, life: number, heapBytes: number): Sample => ({ minute, life, heapBytes, codeBytes: 0, rssBytes: 0, handles: 5, descriptors: 5, databaseBytes: 0, walBytes: 0, pending: 0, scans: minute })
  const samples = [0, 1, 2, 3, 4, 5].map((minute) => sample(minute, minute < 3 ? 0 : 1, (minute < 3 ? 50e6 : 20e6) + minute * 1e6))
  expect(slopeOf(samples, ({ heapBytes }) => heapBytes / 1e6, ({ minute }) => minute)).toBeCloseTo(1)
  const report = { seed: 1, minutes: 60, scans: 9000, outcomes: 9000, results: 9000, acknowledged: 9000, unplugs: 1, outages: 1, restarts: 1, kills: 1, lost: ['a'], unproven: 0, tokensKilled: 0, twice: [], stillWaiting: 0, seqBack: 0, idsChanged: 0, slopes: { heapMbPerMinute: 1, codeMbPerMinute: 0, rssMbPerMinute: 0, handlesPerMinute: 0, descriptorsPerMinute: 0, databaseBytesPerScan: 0 }, samples }
  expect(faultsOf(report)).toEqual(['acknowledged reports lost: 1.00, at most 0.00', 'data on the heap, MB a minute: 1.00, at most 0.05'])
})

test('connections that are open at a few samples are no growth; one that is left open at each is', () => {
  const sample = (minute: number, descriptors: number): Sample => ({ minute, life: 0, heapBytes: 0, codeBytes: 0, rssBytes: 0, handles: 5, descriptors, databaseBytes: 0, walBytes: 0, pending: 0, scans: minute })
  const slope = (counts: number[]) => slopeOf(counts.map((count, index) => sample(index / 60, count)), ({ descriptors }) => descriptors, ({ minute }) => minute)
  expect(slope([37, 37, 38, 37, 37, 37, 49])).toBe(0)
  expect(slope([37, 38, 39, 52, 41, 42, 43])).toBeCloseTo(60)
})
