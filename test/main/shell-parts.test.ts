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

describe('the arguments', () => {
  const loose = { packaged: false }
  it('are ours; switches of Chromium pass by while it is developed', () => {
    expect(readShellOptions(['--no-sandbox', '--config', 'a.json', '--data-dir=/d', '--dev-tools', '--lang=zh-CN'], loose)).toEqual({
      config: 'a.json',
      dataDir: '/d',
      devTools: true,
    })
    expect(readShellOptions([], loose)).toEqual({ devTools: false })
  })
  it.each([[['--config']], [['--config=']], [['--autostart', 'yes']], [['--store-secret']]])('%o is refused', (args) => {
    expect(() => readShellOptions(args, loose)).toThrow()
    expect(() => readShellOptions(args, { packaged: true })).toThrow()
  })
  it.each([
    '--remote-debugging-port=9222', '--remote-debugging-pipe', '--no-sandbox', '--disable-web-security', '--user-data-dir=/tmp/x', '--inspect=0.0.0.0:9229',
    '--js-flags=--expose-gc', '--proxy-server=http://evil:8080', '--host-resolver-rules=MAP * evil', '--load-extension=/tmp/x', '--dev-tools', '--dev-tools=true',
    '--Remote-Debugging-Port=9222', '-remote-debugging-port=9222', '--', '-', 'evil.js', '--config2=x', '--enable-logging', '--log-net-log=/tmp/x', '--gpu-launcher=/tmp/x',
  ])('%s is refused once it is packaged, before, between and after ours', (argument) => {
    for (const platform of ['linux', 'win32'] as const) {
      for (const args of [[argument], ['--config', 'a.json', argument], [argument, '--data-dir', 'd'], ['--config', argument], ['--data-dir=d', '--', argument]]) {
        const isValue = args[0] === '--config' && args.length === 2 && !argument.startsWith('-')
        if (!isValue) expect(() => readShellOptions(args, { packaged: true, platform }), args.join(' ')).toThrow(/[一-龥]/)
      }
    }
  })
  it('a value that Windows would take for a switch is refused there, and is a path elsewhere', () => {
    const args = ['--config', '/remote-debugging-port=9222']
    expect(() => readShellOptions(args, { packaged: true, platform: 'win32' })).toThrow()
    expect(readShellOptions(args, { packaged: true, platform: 'linux' })).toEqual({ devTools: false, config: '/remote-debugging-port=9222' })
  })
  it('ours are taken once it is packaged', () => {
    const given = ['--config', 'C:\\ProgramData\\maqiao\\settings.json', '--data-dir=D:\\码桥', '--autostart', 'on']
    expect(readShellOptions(given, { packaged: true, platform: 'win32' })).toEqual({ devTools: false, config: given[1], dataDir: 'D:\\码桥', autostart: 'on' })
    expect(readShellOptions([], { packaged: true })).toEqual({ devTools: false })
  })
})

describe('the calls of the page', () => {
  const origin = 'http://127.0.0.1:9700'
  it('are answered to our own page in the main frame of our window, and to nobody else', async () => {
    const handlers = new Map<string, (event: unknown, ...args: unknown[]) => unknown>()
    const listeners = new Map<string, (event: unknown) => void>()
    vi.doMock('electron', () => ({
      ipcMain: { handle: (channel: string, handler: never) => void handlers.set(channel, handler), on: (channel: string, listener: never) => void listeners.set(channel, listener) },
      screen: { getDisplayMatching: () => ({ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }) },
    }))
    onTestFinished(() => void vi.doUnmock('electron'))
    const { answerScreens } = await import('../../src/main/bridge.ts')
    const mainFrame = { url: `${origin}/` }
    const webContents = { mainFrame }
    const window = { webContents, getBounds: () => ({}), setAlwaysOnTop() {}, setBounds() {} }
    let heard = 0
    answerScreens({ window: window as never, mode: 'window', origin }).onKeyboardReady(() => (heard += 1))
    const ask = (event: object) => {
      listeners.get('shell:keyboard-ready')?.(event)
      try {
        return handlers.get('shell:set-layout')?.(event, 'strip', 80)
      } catch (error) {
        return (error as Error).message
      }
    }
    expect([ask({ sender: webContents, senderFrame: mainFrame }), heard]).toEqual(['strip', 1])
    for (const event of [
      // A frame within our page, at our own address: its content may be anybody's.
      { sender: webContents, senderFrame: { url: `${origin}/` } },
      { sender: webContents, senderFrame: null },
      { sender: { mainFrame }, senderFrame: mainFrame },
    ]) expect([ask(event), heard]).toEqual(['refused', 1])
    mainFrame.url = 'http://127.0.0.1:9701/'
    expect([ask({ sender: webContents, senderFrame: mainFrame }), heard]).toEqual(['refused', 1])
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
