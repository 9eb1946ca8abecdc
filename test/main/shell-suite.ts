/** The shell's own questions, one for each point of Electron's security checklist that applies, and for its duties. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Launch, Shell, ShellStart } from './shell-driver.ts'

const WINDOW = 'electron.BrowserWindow.getAllWindows()[0]'
const CONTENTS = `${WINDOW}.webContents`
/** Let in by its ticket. */
const IS_IN = `document.querySelector('[data-screen]:not([data-screen=door])') !== null`

/** Another program on the same machine; tells what was asked of it. */
async function elsewhere() {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('content-type', 'text/html')
    response.end('<title>elsewhere</title>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))))
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

export function shellSuite(launcher: Launch): void {
  const launch: Launch = async (start) => {
    const shell = await launcher(start)
    onTestFinished(() => shell.end())
    return shell
  }
  const started = async (start?: ShellStart) => ready(await launch(start))

  async function ready(shell: Shell): Promise<Shell & { origin: string }> {
    const line = await vi.waitFor(() => {
      const found = shell.output().stdout.split('\n').find((each) => each.startsWith('{"ready"'))
      if (found === undefined) throw new Error(`not ready: ${shell.output().stderr}`)
      return found
    }, { timeout: 15_000 })
    await vi.waitFor(async () => expect(await shell.inPage(IS_IN)).toBe(true), { timeout: 15_000, interval: 100 })
    return { ...shell, origin: (JSON.parse(line) as { api: string }).api }
  }
  /** Emits an event of Electron's on `target` and tells whether the shell prevented it. */
  const prevents = (shell: Shell, target: string, name: string, fields = '{}', rest = ''): Promise<boolean> =>
    shell.inMain(`
      const event = { ...${fields}, defaultPrevented: false, preventDefault() { this.defaultPrevented = true } }
      ${target}.emit(${JSON.stringify(name)}, event${rest && `, ${rest}`})
      return event.defaultPrevented`)

  describe('starting', () => {
    it('prints the readiness line, opens the screens with a ticket, and leaves no ticket in their address', async () => {
      const shell = await started()
      expect(shell.output().stdout).toMatch(/^\{"ready":true,"api":"http:\/\/127\.0\.0\.1:\d+","ui":"[^"]+","host":"electron"\}\n$/)
      expect(await shell.inPage('location.href')).toBe(`${shell.origin}/`)
      expect(await shell.inPage('window.maqiaoShell.host')).toBe('electron')
      expect(await shell.inMain(`return ${WINDOW}.isVisible()`)).toBe(true)
    })

    it('exits 78 and names every fault of the settings, without a window', async () => {
      const shell = await launch({ settings: { terminal: { id: 1, mode: 'tower' } } })
      expect(await shell.exited).toBe(78)
      expect(shell.output().stderr).toMatch(/terminal\.id: /)
      expect(shell.output().stderr).toMatch(/terminal\.mode: /)
      expect(shell.output().stdout).toBe('')
    })

    it('exits 64 on a wrong argument', async () => {
      expect(await (await launch({ args: ['--autostart', 'maybe'] })).exited).toBe(64)
    })

    it('is one instance: a second one ends with 0 and brings the first to the front', async () => {
      const first = await started()
      await first.inMain(`${WINDOW}.minimize()`)
      const second = await launch({ dataDir: first.dataDir })
      expect(await second.exited).toBe(0)
      expect(second.output().stdout).toBe('')
      await vi.waitFor(async () => expect(await first.inMain(`return ${WINDOW}.isMinimized()`)).toBe(false), { timeout: 3000 })
    })

    it.each(['SIGTERM', 'SIGINT'] as const)('stops on %s within 5 s and exits 0', async (signal) => {
      const shell = await started()
      const from = Date.now()
      shell.kill(signal)
      expect(await shell.exited).toBe(0)
      expect(Date.now() - from).toBeLessThan(5000)
    })
  })

  describe("Electron's security checklist", () => {
    let shell: Shell & { origin: string }
    beforeAll(async () => void (shell = await ready(await launcher())))
    afterAll(() => shell.end())

    it('1: loads no page but its own', async () => {
      const other = await elsewhere()
      const answer = await shell.inPage(`fetch('${other.origin}/x').then(() => 'loaded', () => 'refused')`)
      const picture = await shell.inPage(`new Promise((done) => { const i = new Image(); i.onload = i.onerror = (e) => done(e.type); i.src = '${other.origin}/y' })`)
      expect([answer, picture]).toEqual(['refused', 'error'])
      expect(other.asked).toEqual([])
    })

    it('2, 3, 4, 6, 8, 9, 10, 11: gives its page a sandbox, a context of its own, and no Node', async () => {
      expect(await shell.inMain(`return ${CONTENTS}.getLastWebPreferences()`)).toMatchObject({
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        devTools: false,
      })
      expect(await shell.inPage('[typeof require, typeof process, typeof module, typeof Buffer]')).toEqual(Array(4).fill('undefined'))
      const preload = readFileSync(join(import.meta.dirname, '../../out/preload/preload.cjs'), 'utf8')
      expect([...preload.matchAll(/require\(["'`]([^"'`]+)/g)].map((match) => match[1])).toEqual(['electron'])
    })

    it('5: grants the camera and writing to the clipboard to its own page, and refuses the rest', async () => {
      const state = (name: string) => shell.inPage<string>(`navigator.permissions.query({ name: '${name}' }).then((p) => p.state)`)
      expect(await Promise.all(['camera', 'clipboard-write'].map(state))).toEqual(['granted', 'granted'])
      expect(await Promise.all(['microphone', 'geolocation', 'notifications', 'midi', 'clipboard-read'].map(state))).toEqual(Array(5).fill('denied'))
      const media = (wish: string) => shell.inPage(`navigator.mediaDevices.getUserMedia(${wish}).then((s) => s.getTracks().map((t) => (t.stop(), t.kind)), (e) => e.name)`)
      expect(await media('{ video: true }')).toEqual(['video'])
      expect(await media('{ audio: true }')).toBe('NotAllowedError')
    })

    it('7: runs under a strict content security policy', async () => {
      const policy = await shell.inPage<string>(`fetch('/').then((r) => r.headers.get('content-security-policy'))`)
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("'wasm-unsafe-eval'")
      expect(policy).not.toMatch(/'unsafe-(eval|inline)'|\*|https?:/)
      expect(await shell.inPage(`new Promise((done) => { const s = document.createElement('script'); s.textContent = 'window.injected = 1'; document.head.append(s); done(typeof window.injected) })`)).toBe('undefined')
    })

    it('12: attaches no webview', async () => {
      expect(await prevents(shell, CONTENTS, 'will-attach-webview', '{}', '{}, {}')).toBe(true)
    })

    it('13: navigates nowhere, neither by itself nor by a redirect nor in a frame', async () => {
      const other = await elsewhere()
      await shell.inPage(`void (location.href = '${other.origin}/gone')`)
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(await shell.inPage('location.origin')).toBe(shell.origin)
      expect(other.asked).toEqual([])
      const event = (url: string, isMainFrame = true) => JSON.stringify({ url, isMainFrame })
      expect(await prevents(shell, CONTENTS, 'will-redirect', event(`${other.origin}/`))).toBe(true)
      expect(await prevents(shell, CONTENTS, 'will-navigate', event('file:///etc/passwd'))).toBe(true)
      expect(await prevents(shell, CONTENTS, 'will-navigate', event(`${shell.origin}.evil.example/`))).toBe(true)
      expect(await prevents(shell, CONTENTS, 'will-frame-navigate', event(`${shell.origin}/`, false))).toBe(true)
      expect(await prevents(shell, CONTENTS, 'will-navigate', event(`${shell.origin}/`))).toBe(false)
    })

    it('14: opens no window', async () => {
      const other = await elsewhere()
      await shell.inPage(`void open('${other.origin}/window')`)
      await shell.inPage(`void open('/')`)
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(other.asked).toEqual([])
      expect(await shell.inMain(`return electron.BrowserWindow.getAllWindows().length`)).toBe(1)
    })

    it('17: answers no other sender over its channels', async () => {
      // A second window of another page, with the same preload script, as a compromised frame would have it.
      const said = await shell.inMain<string>(`
        const [first] = electron.BrowserWindow.getAllWindows()
        const second = new electron.BrowserWindow({ show: false, webPreferences: { ...first.webContents.getLastWebPreferences(), session: first.webContents.session } })
        await second.loadURL(first.webContents.getURL())
        const said = await second.webContents.executeJavaScript("window.maqiaoShell.setLayout('strip').then(() => 'obeyed', () => 'refused')")
        second.destroy()
        return said`)
      expect(said).toBe('refused')
      expect(await shell.inPage(`window.maqiaoShell.setLayout('tower').then(() => 'obeyed', () => 'refused')`)).toBe('refused')
      expect(await shell.inPage(`window.maqiaoShell.setLayout('strip', 'high').then(() => 'obeyed', () => 'refused')`)).toBe('refused')
    })

    it('20: exposes two calls, and nothing of Electron', async () => {
      expect(await shell.inPage('Object.keys(window.maqiaoShell).sort()')).toEqual(['host', 'onKeyboard', 'setLayout'])
      expect(await shell.inPage('Object.isFrozen(window.maqiaoShell)')).toBe(true)
    })

    it('hardens every session that is ever made', async () => {
      const other = await elsewhere()
      const ending = await shell.inMain<string>(`
        const window = new electron.BrowserWindow({ show: false, webPreferences: { session: electron.session.fromPartition('later') } })
        const ending = await window.loadURL('${other.origin}/').then(() => 'loaded', () => 'refused')
        window.destroy()
        return ending`)
      expect(ending).toBe('refused')
      expect(other.asked).toEqual([])
    })

    it('refuses certificates, client certificates and log-ins', async () => {
      const trusted = await shell.inMain(`
        let trusted
        const event = { preventDefault() {} }
        electron.app.emit('certificate-error', event, ${CONTENTS}, 'https://127.0.0.1/', 'net::ERR_CERT_AUTHORITY_INVALID', {}, (answer) => { trusted = answer })
        return trusted`)
      expect(trusted).toBe(false)
      expect(await prevents(shell, 'electron.app', 'select-client-certificate')).toBe(true)
      expect(await prevents(shell, 'electron.app', 'login')).toBe(true)
    })

    it('saves nothing but a support package that its own page made', async () => {
      const item = (url: string, name: string) => `{ getURL: () => '${url}', getFilename: () => '${name}' }`
      const session = `${CONTENTS}.session`
      const stopped = (url: string, name: string) => prevents(shell, session, 'will-download', '{}', item(url, name))
      expect(await stopped(`${shell.origin}/index.html`, 'index.html')).toBe(true)
      expect(await stopped('blob:http://127.0.0.1:1/1', 'maqiao-support.zip')).toBe(true)
      expect(await stopped(`blob:${shell.origin}/1`, 'maqiao-support.exe')).toBe(true)
      expect(await stopped(`blob:${shell.origin}/1`, 'maqiao-support-2026-01-01.zip')).toBe(false)
      expect(await stopped(`blob:${shell.origin}/1`, 'maqiao-dead-reports-2026-01-01.bin')).toBe(false)
    })

    it('prints nothing', async () => {
      const from = Date.now()
      expect(await shell.inPage('[window.print(), Object.getOwnPropertyDescriptor(window, "print").writable]')).toEqual([expect.toBeOneOf([undefined, null]), false])
      expect(Date.now() - from).toBeLessThan(2000)
      expect(await shell.inMain('return electron.Menu.getApplicationMenu()')).toBe(null)
    })
  })

  describe('its duties', () => {
    it('brings a screen back within 5 s when its process dies', async () => {
      const shell = await started()
      const before = await shell.inPage<boolean>(IS_IN)
      const from = Date.now()
      await shell.inMain(`${CONTENTS}.forcefullyCrashRenderer()`)
      await vi.waitFor(() => expect(shell.output().stderr).toContain('screen.gone'), { timeout: 5000 })
      // A scan that comes while there is no screen is on the next one.
      const authorization = `Bearer ${readFileSync(join(shell.dataDir, 'api-token'), 'utf8').trim()}`
      const scanned = await fetch(`${shell.origin}/api/v1/scans`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: '{"text":"11010519491231002X"}' })
      expect(scanned.status).toBe(200)
      await vi.waitFor(async () => expect(await shell.inPage(IS_IN)).toBe(true), { timeout: 5000, interval: 50 })
      expect(Date.now() - from).toBeLessThan(5000)
      expect(before).toBe(true)
      await vi.waitFor(async () => expect(await shell.inPage('document.body.innerText')).toMatch(/110\*+002X/), { timeout: 5000, interval: 50 })
    })

    it('brings a screen back within 5 s when it stands still', async () => {
      const shell = await started()
      const from = Date.now()
      shell.inPage(`setTimeout(() => { for (;;) {} }, 50)`).catch(() => undefined)
      await vi.waitFor(() => expect(shell.output().stderr).toContain('screen.hung'), { timeout: 6000 })
      await vi.waitFor(() => expect(shell.output().stderr).toContain('screen.gone'), { timeout: 3000 })
      await vi.waitFor(async () => expect(await shell.inPage(IS_IN)).toBe(true), { timeout: 3000, interval: 50 })
      // 50 ms until it stands still.
      expect(Date.now() - from).toBeLessThan(5050)
    })

    it('docks as a bar above the HIS, and undocks', async () => {
      const shell = await started()
      expect(await shell.inPage(`window.maqiaoShell.setLayout('strip', 80)`)).toBe('strip')
      const docked = await shell.inMain<{ height: number; y: number; width: number }>(`return ${WINDOW}.getBounds()`)
      expect(docked.height).toBe(80)
      expect(await shell.inMain(`return ${WINDOW}.isAlwaysOnTop()`)).toBe(true)
      expect(await shell.inPage(`window.maqiaoShell.setLayout('strip', 9000)`)).toBe('strip')
      expect(await shell.inMain(`return ${WINDOW}.getBounds().height`)).toBe(640)
      expect(await shell.inPage(`window.maqiaoShell.setLayout('full')`)).toBe('full')
      expect(await shell.inMain(`return ${WINDOW}.isAlwaysOnTop()`)).toBe(false)
    })

    it('is back at the top of its screen when displays change', async () => {
      const shell = await started()
      await shell.inPage(`window.maqiaoShell.setLayout('strip', 80)`)
      const bounds = () => shell.inMain<object>(`return ${WINDOW}.getBounds()`)
      const top = await bounds()
      await shell.inMain(`${WINDOW}.setBounds({ x: 200, y: 300, width: 700, height: 400 }); electron.screen.emit('display-metrics-changed', {}, {}, ['scaleFactor'])`)
      await vi.waitFor(async () => expect(await bounds()).toEqual(top), { timeout: 3000 })
      await shell.inPage(`window.maqiaoShell.setLayout('full')`)
      const full = await bounds()
      await shell.inMain(`electron.screen.emit('display-metrics-changed', {}, {}, ['workArea'])`)
      expect(await bounds()).toEqual(full)
    })

    it('asks before it closes at the desk, and minimises where staff do not mean it', async () => {
      const shell = await started()
      await shell.inMain(`electron.dialog.showMessageBox = async () => ({ response: 0 }); ${WINDOW}.close()`)
      await vi.waitFor(async () => expect(await shell.inMain(`return ${WINDOW}.isMinimized()`)).toBe(true), { timeout: 3000 })
      await shell.inMain(`electron.dialog.showMessageBox = async () => ({ response: 1 }); ${WINDOW}.close()`)
      expect(await shell.exited).toBe(0)
    })

    it('reads the keyboard scanner whose keys the page missed, once, and no person', async () => {
      const shell = await started()
      const outcomes = () =>
        shell.inPage<number>(`fetch('/api/v1/outcomes', { headers: { authorization: 'Bearer ${readFileSync(join(shell.dataDir, 'api-token'), 'utf8').trim()}' } }).then((reply) => reply.json()).then(({ outcomes }) => outcomes.length)`)
      /** What Electron tells of the keys; `toPage` gives them to the page as well. */
      const type = (text: string, pausesMs: readonly number[] = [], toPage = false) => shell.inMain(`
        const pauses = ${JSON.stringify(pausesMs)}
        let place = 0
        const strokes = ${JSON.stringify([...text, '\r'].map((key) => (key === '\r' ? { key: 'Enter', code: 'Enter' } : { key, code: key === ' ' ? 'Space' : /\d/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}` })))}
        for (const stroke of strokes) for (const type of ['keyDown', 'keyUp']) {
          const input = { ...stroke, type, isAutoRepeat: false, shift: false, control: false, alt: false, meta: false, modifiers: [] }
          ${CONTENTS}.emit('before-input-event', { preventDefault() {} }, input)
          if (${toPage}) await ${CONTENTS}.executeJavaScript(\`window.dispatchEvent(new KeyboardEvent('\${type.toLowerCase()}', { key: '\${stroke.key}', code: '\${stroke.code}', bubbles: true })), 0\`)
          if (pauses.length > 0) await new Promise((next) => setTimeout(next, pauses[place++ % pauses.length]))
        }`)
      await vi.waitFor(async () => expect(await outcomes()).toBe(0), { timeout: 5000 })
      await type('4240000000000000000000000001')
      await vi.waitFor(async () => expect(await outcomes()).toBe(1), { timeout: 5000 })
      await type('4240000000000000000000000002', [], true)
      await vi.waitFor(async () => expect(await outcomes()).toBe(2), { timeout: 5000 })
      await type('department of medicine', [70, 40, 90, 110, 55, 30, 80, 160])
      await new Promise((done) => setTimeout(done, 1500))
      expect(await outcomes()).toBe(2)
    })

    it('keeps the display awake in kiosk mode only', async () => {
      const awake = (shell: Shell) => shell.inMain('return [0, 1, 2, 3].some((id) => electron.powerSaveBlocker.isStarted(id))')
      expect(await awake(await started({ mode: 'window' }))).toBe(false)
      expect(await awake(await started({ mode: 'kiosk' }))).toBe(true)
    })

    it('lets nobody out of a kiosk but a technician with the PIN, by the screen alone, and writes it down', async () => {
      const shell = await started({ mode: 'kiosk', env: { MAQIAO_TECHNICIAN_PIN: '48151623' } })
      expect(await shell.inMain(`return ${WINDOW}.isKiosk()`)).toBe(true)
      await shell.inMain(`${WINDOW}.close()`)
      for (const [key, modifiers] of [['F11', []], ['r', ['control']], ['w', ['control']], ['F4', ['alt']], ['i', ['control', 'shift']]] as const) {
        const kept = await shell.inMain(`
          let event = { preventDefault() { event.kept = true } }
          const has = (name) => ${JSON.stringify(modifiers)}.includes(name)
          ${CONTENTS}.emit('before-input-event', event, { type: 'keyDown', key: '${key}', control: has('control'), alt: has('alt'), shift: has('shift'), meta: false })
          return event.kept === true`)
        expect(kept, key).toBe(true)
      }
      expect(await shell.inPage(`window.maqiaoShell.setLayout('strip').then(() => 'obeyed', () => 'refused')`)).toBe('refused')
      const click = (testid: string) => shell.inPage<boolean>(`(() => { const it = document.querySelector('[data-testid=${testid}]'); if (!it || it.disabled) return false; it.click(); return true })()`)
      const clickSoon = (testid: string) => vi.waitFor(async () => expect(await click(testid), testid).toBe(true), { timeout: 10_000, interval: 50 })
      const enter = async (pin: string) => {
        await shell.inPage(`for (const digit of '${pin}') document.querySelector('[data-testid=pin-' + digit + ']').click()`)
        await clickSoon('pin-enter')
      }
      // The knock: five taps in the corner.
      await vi.waitFor(async () => {
        await shell.inPage(`for (let tap = 0; tap < 5; tap += 1) document.body.dispatchEvent(new PointerEvent('pointerdown', { clientX: 20, clientY: 20, bubbles: true }))`)
        expect(await shell.inPage(`document.querySelector('[data-testid=pin-pad]') !== null`)).toBe(true)
      }, { timeout: 10_000, interval: 200 })
      await enter('000000')
      await vi.waitFor(async () => expect(await shell.inPage(`document.querySelector('[data-testid=pin-fault]').textContent`)).toBeTruthy(), { timeout: 5000 })
      expect(await shell.inMain('return electron.BrowserWindow.getAllWindows().length')).toBe(1)
      await enter('48151623')
      await clickSoon('exit')
      expect(await shell.inMain('return electron.BrowserWindow.getAllWindows().length')).toBe(1)
      await clickSoon('exit').catch(() => undefined)
      expect(await shell.exited).toBe(0)
      const audited = readFileSync(join(shell.dataDir, 'audit.jsonl'), 'utf8')
      expect(['pin.set', 'door.refused', 'door.opened', 'terminal.left'].filter((what) => !audited.includes(`"${what}"`))).toEqual([])
    })
  })
}
