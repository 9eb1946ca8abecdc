import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'

function start(...args: string[]) {
  return spawn(process.execPath, ['src/terminal/simulate.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

it('says where it listens and what settings point to it, and ends on SIGTERM with a call hanging', async () => {
  const child = start('--port', '0')
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const ready = JSON.parse(line.toString()) as { ready: boolean; origin: string; settings: { platforms: { ankang: { endpoints: { transcode: string } } } } }
  expect(ready).toMatchObject({ ready: true, origin: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) })
  const { transcode } = ready.settings.platforms.ankang.endpoints
  expect(transcode).toBe(`${ready.origin}/ankang/transcode`)
  await fetch(`${ready.origin}/_control/fault`, { method: 'POST', body: JSON.stringify({ platform: 'ankang', mode: 'hang' }) })
  const hanging = fetch(transcode, { method: 'POST', body: '{}' }).catch(() => 'broken')
  await new Promise((resolve) => setTimeout(resolve, 100))
  child.kill('SIGTERM')
  const [code] = (await once(child, 'exit')) as [number]
  expect(code).toBe(0)
  expect(await hanging).toBe('broken')
})

it('says what is wrong with its port', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const busy = start('--port', String((taken.address() as AddressInfo).port))
  const [said] = (await once(busy.stderr, 'data')) as [Buffer]
  expect(said.toString()).toContain('EADDRINUSE')
  expect(((await once(busy, 'exit')) as [number])[0]).toBe(1)
  taken.close()
  const wrong = start('--port', '70000')
  expect(((await once(wrong, 'exit')) as [number])[0]).toBe(64)
})
