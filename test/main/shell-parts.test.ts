/** The shell's small parts: its arguments, the technicians' PIN, starting at log-in. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from 'electron'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { setAutostart } from '../../src/main/autostart.ts'
import { readKeys } from '../../src/main/keyboard-source.ts'
import { withSecrets } from '../../src/main/key-store.ts'
import { readShellOptions } from '../../src/main/shell-options.ts'
import { createPinCheck } from '../../src/main/technician-pin.ts'

describe('the arguments', () => {
  it('are ours; switches of Chromium pass by', () => {
    expect(readShellOptions(['--no-sandbox', '--config', 'a.json', '--data-dir=/d', '--dev-tools', '--lang=zh-CN'])).toEqual({
      config: 'a.json',
      dataDir: '/d',
      devTools: true,
    })
    expect(readShellOptions([])).toEqual({ devTools: false })
  })
  it.each([[['--config']], [['--config=']], [['--autostart', 'yes']], [['--store-secret']]])('%o is refused', (args) => {
    expect(() => readShellOptions(args)).toThrow()
  })
})

describe('the PIN', () => {
  it('opens for the right one alone, and rests for a minute after five wrong ones', () => {
    let now = 0
    const isPin = createPinCheck('2718', () => now)
    expect([isPin('271'), isPin('27180'), isPin('2718')]).toEqual([false, false, true])
    for (let i = 0; i < 5; i += 1) expect(isPin('0000')).toBe(false)
    expect(isPin('2718')).toBe(false)
    now = 59_999
    expect(isPin('2718')).toBe(false)
    now = 60_000
    expect(isPin('2718')).toBe(true)
  })
  it('rests no longer where the clock is put back meanwhile', () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const isPin = createPinCheck('2718')
    for (let i = 0; i < 5; i += 1) expect(isPin('0000')).toBe(false)
    vi.setSystemTime(Date.now() - 3_600_000)
    vi.advanceTimersByTime(60_001)
    expect(isPin('2718')).toBe(true)
  })
  it('opens for nobody where there is none, or one that is too short', () => {
    expect(createPinCheck(undefined)('')).toBe(false)
    expect(createPinCheck('')('')).toBe(false)
    expect(createPinCheck('123')('123')).toBe(false)
  })
})

describe('secrets in the environment', () => {
  it('are there for the work alone, and never instead of what was set', async () => {
    const env: NodeJS.ProcessEnv = { B: 'set' }
    const seen = await withSecrets({ A: 'a', B: 'b' }, async () => ({ ...env }), env)
    expect(seen).toEqual({ A: 'a', B: 'set' })
    expect(env).toEqual({ B: 'set' })
    await expect(withSecrets({ A: 'a' }, () => Promise.reject(new Error('no')), env)).rejects.toThrow('no')
    expect(env).toEqual({ B: 'set' })
  })
})

describe('starting at log-in', () => {
  it('is a desktop entry on Linux, with its arguments quoted, and is taken away again', () => {
    const home = mkdtempSync(join(tmpdir(), 'maqiao-autostart-'))
    onTestFinished(() => rmSync(home, { recursive: true }))
    const app = { getPath: (name: string) => (name === 'exe' ? '/opt/码桥 1/maqiao' : home) } as unknown as App
    const file = join(home, 'autostart/maqiao.desktop')
    setAutostart(app, true, ['--config', '/etc/a"b $c%d.json'], 'linux')
    expect(readFileSync(file, 'utf8')).toContain('Exec="/opt/码桥 1/maqiao" --config "/etc/a\\"b \\$c%%d.json"\n')
    setAutostart(app, false, [], 'linux')
    setAutostart(app, false, [], 'linux')
    expect(existsSync(file)).toBe(false)
  })
  it("is the system's own list elsewhere", () => {
    const said: object[] = []
    setAutostart({ setLoginItemSettings: (item: object) => void said.push(item) } as unknown as App, true, ['--config', 'a'], 'win32')
    expect(said).toEqual([{ openAtLogin: true, args: ['--config', 'a'] }])
  })
})

describe('the second reading of the keyboard', () => {
  it('is offered again to a page that is back within 5 s, and forgotten then', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const sent: unknown[] = []
    let press = (_event: unknown, _input: unknown): void => {}
    let ready = (): void => {}
    let isDestroyed = false
    const contents = { isDestroyed: () => isDestroyed, on: (_name: string, listener: typeof press) => void (press = listener), send: (_channel: string, { text }: { text: string }) => void sent.push(text) }
    readKeys(contents as unknown as Parameters<typeof readKeys>[0], { onReady: (back) => void (ready = back) })
    for (const key of [...'62012345678901234', 'Enter']) {
      const input = { code: key === 'Enter' ? key : `Digit${key}`, key, shift: false, alt: false, control: false, meta: false, isAutoRepeat: false }
      press({}, { ...input, type: 'keyDown' })
      vi.advanceTimersByTime(2)
      press({}, { ...input, type: 'keyUp' })
      vi.advanceTimersByTime(3)
    }
    expect(sent).toEqual(['62012345678901234'])
    vi.advanceTimersByTime(4900)
    ready()
    expect(sent).toEqual(['62012345678901234', '62012345678901234'])
    vi.advanceTimersByTime(200)
    ready()
    expect(sent).toHaveLength(2)
    // The window is closed while a code without an end is under way.
    for (const key of '62012345678901234') {
      press({}, { code: `Digit${key}`, key, shift: false, alt: false, control: false, meta: false, isAutoRepeat: false, type: 'keyDown' })
      vi.advanceTimersByTime(5)
    }
    isDestroyed = true
    vi.advanceTimersByTime(3000)
    expect(sent).toHaveLength(2)
  })
})
