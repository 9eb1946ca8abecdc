import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startTerminal } from '../../src/terminal/terminal.ts'

test('a port of a platform that is taken: the start is refused, and nothing is left listening', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'maqiao-start-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const taken = await listening()
  onTestFinished(() => void taken.close())
  const free = await listening()
  const { port } = free.address() as AddressInfo
  await new Promise((done) => free.close(done))
  const inbound = { listen: `127.0.0.1:${(taken.address() as AddressInfo).port}`, hisUrl: 'http://127.0.0.1:1/' }
  const quanzhou = { baseUrl: 'https://platform.example/api', appId: 'x', appSecret: 'x', bizKey: 'x', salt: 'x', signType: 'SM3', encType: 'AES', inbound }
  const config = join(dataDir, 'settings.json')
  writeFileSync(config, JSON.stringify({ terminal: { id: 'W01' }, platforms: { quanzhou } }))

  await expect(startTerminal({ config, dataDir, port, version: '0.0.0-test', host: 'none', writeLog: () => {} })).rejects.toMatchObject({ code: 'EADDRINUSE' })

  await expect(fetch(`http://127.0.0.1:${port}/api/v1/health`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
})

function listening() {
  const server = createServer()
  return new Promise<typeof server>((done) => server.listen(0, '127.0.0.1', () => done(server)))
}
