/** What is shipped: fuses, the service, the package's contents. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
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

describe("Electron's security checklist, in what is built", () => {
  const built = (name: string) => readFile(join(root, 'out', name), 'utf8')
  const taken = (text: string) => /import\s*\{([^}]*)\}\s*from\s*["']electron["']/.exec(text)?.[1]?.split(',').map((name) => name.trim().split(' ')[0] as string)

  it('10: turns no feature of Blink on', async () => {
    expect(await built('main/main.js')).not.toMatch(/enableBlinkFeatures|appendSwitch/)
  })

  it('15: hands no address to the system, nor runs a program by its name', async () => {
    const parts = taken(await built('main/main.js'))
    expect(parts).toContain('BrowserWindow')
    expect(parts).not.toContain('shell')
    expect(await built('main/main.js')).not.toMatch(/openExternal|openPath/)
  })

  it('16: is built for one Electron, named exactly, and its types are that one', async () => {
    const { devDependencies, dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>
    expect(devDependencies!['electron']).toMatch(/^\d+\.\d+\.\d+$/)
    expect(dependencies!['electron']).toBeUndefined()
    const { version } = JSON.parse(await readFile(join(root, 'node_modules/electron/package.json'), 'utf8')) as { version: string }
    expect(version).toBe(devDependencies!['electron'])
  })

  it('18: shows nothing from files, nor by a protocol of its own', async () => {
    const main = await built('main/main.js')
    expect(main).toContain('loadURL')
    expect(main).not.toMatch(/loadFile|file:\/\/|registerSchemesAsPrivileged|registerFileProtocol/)
  })

  it('19: names every fuse that @electron/fuses knows', async () => {
    const { fusesFor } = (await import(join(root, 'scripts/fuses.mjs'))) as { fusesFor(platform: string): Record<string, unknown> }
    const known = Object.values(FuseV1Options).filter((fuse) => typeof fuse === 'number')
    expect(known.length).toBeGreaterThan(8)
    for (const platform of ['linux', 'win32']) {
      const set = fusesFor(platform)
      expect(set['strictlyRequireAllFuses']).toBe(true)
      expect(known.filter((fuse) => typeof set[fuse] !== 'boolean')).toEqual([])
    }
  })
})

describe('the service', () => {
  it('runs the built agent, keeps wrong settings down, and gives it time to stop', async () => {
    const unit = await readFile(join(root, 'resources/systemd/maqiao.service'), 'utf8')
    expect(unit).toMatch(/^ExecStart=\/opt\/maqiao\/node_modules\/node\/bin\/node \/opt\/maqiao\/out\/terminal\/start\.js .*--host none$/m)
    expect(unit).toMatch(/^RestartPreventExitStatus=78\b/m)
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(5)
    expect(unit).toMatch(/^NoNewPrivileges=true$/m)
    // Else a technician's wish to update could not be written under ProtectSystem=strict.
    expect(unit).toMatch(/^ReadWritePaths=-\/run\/maqiao-update$/m)
  })

  it('finds every file that the package puts in the system', async () => {
    const config = await readFile(join(root, 'electron-builder.yml'), 'utf8')
    const mapped = [...config.matchAll(/^ +- (resources\/\S+)=(\/\S+)$/gm)].map(([, from, to]) => [from as string, to as string] as const)
    expect(mapped.length).toBe(7)
    for (const [from] of mapped) expect((await readFile(join(root, from))).length, from).toBeGreaterThan(0)
    const update = await readFile(join(root, 'resources/systemd/maqiao-update.service'), 'utf8')
    expect(mapped.map(([, to]) => to)).toContain(/^ExecStart=(\S+)/m.exec(update)?.[1])
  })
})
