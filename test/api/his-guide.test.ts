import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/transcode/outcome.ts'
import { startTestTerminal, TOKEN, until, type TestTerminal } from '../support/terminal.ts'

const DOCS = join(import.meta.dirname, '../../docs')
const GUIDE = readFileSync(join(DOCS, 'his.md'), 'utf8')
const has = (command: string, argument = '--version') => spawnSync(command, [argument]).status === 0

let t: TestTerminal
beforeAll(async () => {
  t = await startTestTerminal()
})
afterAll(() => t.close())

/** The first example in a language. */
function example(language: string): string {
  const [, text = ''] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(GUIDE) ?? []
  return text
}

const outcomes = async () => ((await t.request('GET', '/api/v1/outcomes?limit=1000')).body as { outcomes: Outcome[] }).outcomes
const handled = (id: string) => until(outcomes, (all) => all.some((each) => each.id === id && each.handledAt !== undefined))

describe('docs/his.md as printed', () => {
  it.skipIf(!has('curl'))('curl (skipped where there is no curl)', async () => {
    const script = example('bash').replaceAll('http://127.0.0.1:9700', t.terminal.ready.api).replace('你的令牌', TOKEN)
    const { stdout } = await run('bash', ['-c', script])
    expect(stdout).toContain('"status":"ok"')
    expect(stdout.trim().endsWith('{"reports":[]}')).toBe(true)
    expect((await outcomes()).at(-1)).toMatchObject({ patient: { birthday: '1985-06-12' }, handledAt: expect.any(String) })
  })

  it.each([
    ['js', 'his-client.js'],
    ['csharp', 'HisClient.cs'],
  ])('%s is what stands in examples/%s', (language, file) => {
    expect(example(language)).toBe(readFileSync(join(DOCS, 'examples', file), 'utf8'))
  })
})

/** A HIS program that runs a sample; `register` waits for the file `go` and writes a line for each call. */
type Sample = { start(api: string, folder: string): ChildProcess }

const JAVASCRIPT: Sample = {
  start(api, folder) {
    const given = `
      import { existsSync, readFileSync, writeFileSync } from 'node:fs'
      const file = ${JSON.stringify(join(folder, 'local-storage.json'))}
      const items = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
      const save = () => writeFileSync(file, JSON.stringify(items))
      const localStorage = {
        getItem: (key) => items[key] ?? null,
        setItem: (key, value) => { items[key] = String(value); save() },
        removeItem: (key) => { delete items[key]; save() },
      }
      const register = async ({ id, status }, tradeNo) => {
        console.log('register', id, tradeNo)
        while (!existsSync(${JSON.stringify(join(folder, 'go'))})) await new Promise((done) => setTimeout(done, 10))
        return { tradeNo, tradeState: '1', msg: '挂号成功' }
      }
    `
    const call = `connectMaqiao({ api: ${JSON.stringify(api)}, token: ${JSON.stringify(TOKEN)}, register, show: ({ id, status }) => console.log('show', id, status) })`
    return spawn(process.execPath, ['--input-type=module', '-e', `${given}${example('js')}\n${call}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  },
}

const CSHARP_MAIN = `
class Program
{
    static void Main(string[] given)
    {
        new HisClient(given[0], given[1], given[2], (outcome, tradeNo) =>
        {
            System.Console.WriteLine("register " + outcome["id"] + " " + tradeNo);
            while (!System.IO.File.Exists(System.IO.Path.Combine(given[2], "go"))) System.Threading.Thread.Sleep(10);
            return new System.Collections.Generic.Dictionary<string, object> { { "tradeNo", tradeNo }, { "tradeState", "1" }, { "msg", "挂号成功" } };
        }).Run();
    }
}`

const CSHARP: Sample = {
  start: (api, folder) => spawn('mono', [join(built(), 'his.exe'), api, TOKEN, folder], { stdio: ['ignore', 'pipe', 'inherit'] }),
}

let buildFolder: string | undefined
function built(): string {
  if (buildFolder !== undefined) return buildFolder
  buildFolder = mkdtempSync(join(tmpdir(), 'maqiao-csharp-'))
  writeFileSync(join(buildFolder, 'HisClient.cs'), example('csharp'))
  writeFileSync(join(buildFolder, 'Main.cs'), CSHARP_MAIN)
  const { status, stderr } = spawnSync('mcs', ['-r:System.Web.Extensions', '-out:his.exe', 'HisClient.cs', 'Main.cs'], { cwd: buildFolder, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return buildFolder
}
afterAll(() => {
  if (buildFolder !== undefined) rmSync(buildFolder, { recursive: true })
})

describe.each([
  { language: 'JavaScript', sample: JAVASCRIPT, isThere: true },
  { language: 'C# (skipped where mono is not installed)', sample: CSHARP, isThere: has('mono') && has('mcs') },
])('the sample in $language', ({ sample, isThere }) => {
  let front: Front
  let folder: string
  let his: Client
  beforeEach(async () => {
    front = await openFront(() => t.terminal.ready.api)
    folder = mkdtempSync(join(tmpdir(), 'maqiao-his-'))
    his = startClient(sample, front.api, folder)
    // The first start takes none of the scans before it.
    await until(() => front.asked.length > 0)
    await until(() => ['local-storage.json', 'maqiao-seq.txt'].some((file) => existsSync(join(folder, file))))
  })
  afterEach(async () => {
    await his.kill()
    await front.close()
    rmSync(folder, { recursive: true })
  })
  const go = () => writeFileSync(join(folder, 'go'), '')

  it.skipIf(!isThere)('loses nobody where a second patient comes during the first and the program is started again', async () => {
    const first = await t.scan('340101199003077427')
    await until(() => his.registered().length === 1)
    const second = await t.scan('34010119850612004X')
    await his.kill()
    his = startClient(sample, front.api, folder)
    await until(() => his.registered().length === 1)
    go()
    await handled(second.id)
    expect(his.registered()).toEqual([tradeOf(first), tradeOf(second)])
    await handled(first.id)
  })

  it.skipIf(!isThere)('registers once where the connection is cut and the terminal restarts meanwhile', async () => {
    const outcome = await t.scan('340101199003077427')
    await until(() => his.registered().length === 1)
    front.cut()
    await t.restart()
    go()
    await handled(outcome.id)
    const next = await t.scan('34010119850612004X')
    await handled(next.id)
    expect(his.registered()).toEqual([tradeOf(outcome), tradeOf(next)])
  })

  it.skipIf(!isThere)('posts the result again after 507 and lost answers, and goes on after 410', async () => {
    go()
    front.answers.push(507, 'cut', 503)
    const outcome = await t.scan('340101199003077427')
    await handled(outcome.id)
    front.answers.push(410)
    const expired = await t.scan('34010119850612004X')
    await until(() => front.answers.length === 0)
    const next = await t.scan('340101199003077427')
    await handled(next.id)
    expect(his.registered()).toEqual([tradeOf(outcome), tradeOf(expired), tradeOf(next)])
  })

  it.skipIf(!isThere)('passes by what was not accepted', async () => {
    go()
    await t.scan('https://example.invalid/poster')
    const outcome = await t.scan('340101199003077427')
    await handled(outcome.id)
    expect(his.registered()).toEqual([tradeOf(outcome)])
  })

  const tradeOf = ({ id }: Outcome) => `register ${id} GH-${id}`
})

type Client = { registered(): string[]; kill(): Promise<void> }

function startClient(sample: Sample, api: string, folder: string): Client {
  const child = sample.start(api, folder)
  let output = ''
  child.stdout!.on('data', (chunk) => (output += String(chunk)))
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  return {
    registered: () => output.split('\n').map((line) => line.trim()).filter((line) => line.startsWith('register ')),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** What stands before the terminal: its address stays over restarts; it cuts connections and answers results in its place. */
type Front = { api: string; asked: string[]; answers: (number | 'cut')[]; cut(): void; close(): Promise<void> }

async function openFront(target: () => string): Promise<Front> {
  const sockets = new Set<Socket>()
  const asked: string[] = []
  const answers: Front['answers'] = []
  const server: Server = createServer((request, response) => {
    asked.push(request.url!)
    const wanted = request.url!.endsWith('/result') ? answers[0] : undefined
    const { host, hostname, port } = new URL(target())
    const passed = httpRequest({ host: hostname, port, path: request.url, method: request.method, headers: { ...request.headers, host } })
    passed.on('error', () => response.destroy())
    if (typeof wanted === 'number') {
      answers.shift()
      request.resume()
      passed.destroy()
      response.writeHead(wanted, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { code: 'TEST', message: '测试' } }))
      return
    }
    passed.on('response', (reply) => {
      if (wanted === 'cut') {
        answers.shift()
        return response.destroy()
      }
      response.writeHead(reply.statusCode!, reply.headers)
      reply.pipe(response)
    })
    request.pipe(passed)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request, socket) => {
    asked.push(request.url!)
    const { host, hostname, port } = new URL(target())
    const upstream = connect(Number(port), hostname)
    const headers = Object.entries({ ...request.headers, host }).map(([name, value]) => `${name}: ${String(value)}`)
    upstream.write(`GET ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
    upstream.pipe(socket).pipe(upstream)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const cut = () => sockets.forEach((socket) => socket.destroy())
  return {
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    asked,
    answers,
    cut,
    async close() {
      cut()
      await new Promise((done) => server.close(done))
    },
  }
}

function run(command: string, args: string[]): Promise<{ stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let stdout = ''
    child.stdout.on('data', (chunk) => (stdout += String(chunk)))
    child.once('exit', () => resolve({ stdout }))
  })
}
