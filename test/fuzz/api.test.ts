import { test } from 'vitest'
import { startTestTerminal } from '../support/terminal.ts'
import { fuzzApi } from './api.ts'
import seeds from './seeds.json' with { type: 'json' }

test('3,000 requests, half of them a technician’s, with spoilt bodies and addresses: an answer each, no fault of the terminal', async () => {
  const t = await startTestTerminal({ settings: { api: { maxRequestsPerMinute: 1_000_000 }, log: { level: 'info' } } })
  try {
    await fuzzApi(t, seeds.short, 1500)
  } finally {
    await t.close()
  }
}, 120_000)
