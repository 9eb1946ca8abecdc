/** What is shipped: fuses, the service, the package's contents. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCurrentFuseWire } from '@electron/fuses'
import { describe, expect, it, onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '../..')
const OFF = 48
const ON = 49

/** A program's bytes with an unset fuse wire in them, as Electron's binary has: sentinel, version, length, fuses. */
function unset(fuses: number): Buffer {
  return Buffer.concat([Buffer.alloc(100, 7), Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, fuses]), Buffer.alloc(fuses, ON), Buffer.alloc(100, 7)])
}

async function packed(fuses: number, platform: string, name: string) {
  const appOutDir = await mkdtemp(join(tmpdir(), 'maqiao-packed-'))
  onTestFinished(() => rm(appOutDir, { recursive: true }))
  await writeFile(join(appOutDir, name), unset(fuses))
  const { default: afterPack } = (await import(join(root, 'scripts/fuses.mjs'))) as { default(context: object): Promise<void> }
  await afterPack({ appOutDir, electronPlatformName: platform, packager: { executableName: 'maqiao', appInfo: { productFilename: 'MaQiao' } } })
  return getCurrentFuseWire(join(appOutDir, name))
}

describe('the fuses', () => {
  it.each([
    ['linux', 'maqiao', OFF],
    ['win32', 'MaQiao.exe', ON],
  ])('of %s leave no way to run anything else', async (platform, name, integrity) => {
    const wire = (await packed(9, platform, name)) as unknown as Record<number, number>
    expect(Array.from({ length: 9 }, (_, i) => wire[i])).toEqual([OFF, ON, OFF, OFF, integrity, ON, OFF, OFF, ON])
  })

  it('stop the packaging where Electron has one that nobody has decided on', async () => {
    await expect(packed(10, 'linux', 'maqiao')).rejects.toThrow(/strictlyRequireAllFuses/)
  })
})

describe('the service', () => {
  it('runs the built agent, keeps wrong settings down, and gives it time to stop', async () => {
    const unit = await readFile(join(root, 'resources/systemd/maqiao.service'), 'utf8')
    expect(unit).toMatch(/^ExecStart=\/opt\/maqiao\/node_modules\/node\/bin\/node \/opt\/maqiao\/out\/terminal\/start\.js .*--host none$/m)
    expect(unit).toMatch(/^RestartPreventExitStatus=78\b/m)
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(5)
    expect(unit).toMatch(/^NoNewPrivileges=true$/m)
  })
})
