/** Which host is chosen where, and why. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chooseHost, findBrowser, findElectron, type Surroundings } from '../../../src/terminal/hosts/choose.ts'

function around(given: Partial<Surroundings> & { files?: string[]; electronAt?: string } = {}): Surroundings {
  return {
    env: { DISPLAY: ':0', PATH: '/usr/bin' },
    platform: 'linux',
    isRoot: false,
    exists: (file) => (given.files ?? []).includes(file),
    electron: () => given.electronAt,
    ...given,
  }
}

const chrome = { files: ['/usr/bin/chromium'] }
const electron = { electronAt: '/opt/electron' }

describe('the default', () => {
  it.each([
    ['electron', { ...chrome, ...electron }],
    ['browser', chrome],
    ['none', {}],
    ['none', { ...chrome, ...electron, env: { PATH: '/usr/bin' } }],
    ['none', { ...chrome, ...electron, isRoot: true }],
    ['browser', { ...chrome, env: { WAYLAND_DISPLAY: 'wayland-0', PATH: '' } }],
    ['browser', { platform: 'win32' as const, env: { ProgramFiles: 'C:\\P' }, files: ['C:\\P\\Microsoft\\Edge\\Application\\msedge.exe'] }],
  ])('is %s', (host, given) => {
    const choice = chooseHost({ around: around(given) })
    expect(choice.host).toBe(host)
    expect(choice.why).toMatch(/[一-龥]/)
  })
})

describe('a host asked for by name', () => {
  it('is taken where it can be had', () => {
    expect(chooseHost({ wanted: 'browser', around: around({ ...chrome, ...electron }) }).host).toBe('browser')
    expect(chooseHost({ wanted: 'none', around: around({ ...chrome, ...electron }) }).host).toBe('none')
  })
  it.each([
    ['electron', 'HOST_ELECTRON_MISSING', chrome],
    ['browser', 'HOST_BROWSER_MISSING', electron],
    ['browser', 'HOST_NO_DISPLAY', { ...chrome, env: { PATH: '/usr/bin' } }],
  ] as const)('%s is refused with %s', (wanted, code, given) => {
    expect(() => chooseHost({ wanted, around: around(given as object) })).toThrow(expect.objectContaining({ code }))
  })
})

describe('CHROME_PATH', () => {
  it('goes before the usual places, and is not replaced where it is wrong', () => {
    const files = ['/usr/bin/chromium', '/opt/browser']
    expect(findBrowser(around({ files, env: { CHROME_PATH: '/opt/browser', PATH: '/usr/bin' } }))).toBe('/opt/browser')
    expect(findBrowser(around({ files, env: { CHROME_PATH: '/gone', PATH: '/usr/bin' } }))).toBeUndefined()
  })
})

describe('Electron', () => {
  it('is found by its installed binary alone', () => {
    const root = mkdtempSync(join(tmpdir(), 'maqiao-electron-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    const home = join(root, 'node_modules/electron')
    mkdirSync(join(home, 'dist'), { recursive: true })
    writeFileSync(join(home, 'index.js'), 'throw new Error("loaded")')
    expect(findElectron(root)).toBeUndefined()
    writeFileSync(join(home, 'path.txt'), 'electron')
    expect(findElectron(root)).toBeUndefined()
    writeFileSync(join(home, 'dist/electron'), '')
    expect(findElectron(root)).toBe(join(home, 'dist/electron'))
  })
})
