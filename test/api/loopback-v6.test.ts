import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestTerminal, TOKEN, type TestTerminal } from '../support/terminal.ts'

const hasV6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
let t: TestTerminal
beforeAll(async () => {
  t = await startTestTerminal()
})
afterAll(() => t.close())

test.skipIf(!hasV6)('[::1], which the Host check takes, is listened to (skipped where the machine has no IPv6 loopback)', async () => {
  const { port } = new URL(t.terminal.ready.api)
  const ask = () => fetch(`http://[::1]:${port}/api/v1/outbox`, { headers: { authorization: `Bearer ${TOKEN}` } })
  expect((await ask()).status).toBe(200)
  const socket = new WebSocket(`ws://[::1]:${port}/api/v1/events`, ['maqiao.v1', `bearer.${TOKEN}`])
  const first = await new Promise<string>((resolve, reject) => {
    socket.onmessage = ({ data }) => resolve(String(data))
    socket.onerror = () => reject(new Error('no socket'))
  })
  expect(JSON.parse(first)).toMatchObject({ type: 'hello' })
  socket.close()
  await t.restart()
  const after = new URL(t.terminal.ready.api).port
  expect((await fetch(`http://[::1]:${after}/api/v1/health`)).status).toBe(200)
})
