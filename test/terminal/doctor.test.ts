/** `npm run doctor` as a technician calls it: from source, in a process of its own. */
import { spawn } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadSealer } from '../../src/outbox/key-file.ts'
import { installationDigest } from '../../src/agent/installation-secret.ts'
import { parseSettings } from '../../src/agent/settings-file.ts'
import { openAuditLog } from '../../src/agent/technician/audit-log.ts'
import { auditWitness } from '../../src/agent/technician/audit-witness.ts'
import { openStateStore } from '../../src/agent/state-store.ts'
import { auditCheck, originCheck, keyCheck, portCheck } from '../../src/agent/technician/safety-checks.ts'
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { startTerminal } from '../../src/terminal/terminal.ts'
import { settingsFile } from '../support/process.ts'

const DOCTOR = join(import.meta.dirname, '../../src/terminal/doctor.ts')
let simulator: Simulator
beforeAll(async () => {
  simulator = createSimulator()
  await simulator.listen(0)
})
afterAll(() => simulator.close())

function doctor(...args: string[]): Promise<{ code: number | null; lines: string[]; stderr: string }> {
  const child = spawn(process.execPath, [DOCTOR, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve) =>
    child.once('close', (code) => resolve({ code, lines: stdout.trim().split('\n'), stderr })),
  )
}

const GOOD = () => ({ ...simulator.settings(), api: { port: 0 } })
const wrongIn = (lines: string[]) => lines.filter((line) => line.startsWith('✘'))

function place(settings: unknown): { args: string[]; config: string; dataDir: string } {
  const { config, dataDir } = settingsFile(settings)
  mkdirSync(dataDir, { mode: 0o700 })
  return { args: ['--config', config, '--data-dir', dataDir], config, dataDir }
}

/** Three entries under the directory's own key. */
function audit(dataDir: string): string {
  const file = join(dataDir, 'audit.jsonl')
  const log = openAuditLog({ file, digest: installationDigest(dataDir, loadSealer(dataDir)) })
  for (const device of ['a', 'b', 'c']) log.write('technician', 'device.lent', { device })
  log.close()
  return file
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

describe('npm run doctor', () => {
  test('all good: exit 0, a line each, and nothing made in the data directory', async () => {
    const { args, dataDir } = place(GOOD())
    const { code, lines, stderr } = await doctor(...args)
    expect([wrongIn(lines), code, stderr]).toEqual([[], 0, ''])
    for (const title of [
      '设置',
      'Node 版本',
      '国密与签名自检',
      '数据目录',
      '磁盘空间',
      '上报数据库',
      '上报密钥',
      '审计链',
      '本地接口端口',
      '电子健康卡平台 域名解析',
      '电子健康卡平台 可达',
      '电子健康卡平台 时间差',
      '安康码平台 可达',
    ]) {
      expect(lines.filter((line) => line.startsWith(`✔ 正常  ${title}：`))).not.toEqual([])
    }
    expect(readdirSync(dataDir)).toEqual([])
  })

  test('pages from disk that may call are a warning', () => {
    const { api } = parseSettings({ ...GOOD(), api: { allowedOrigins: ['https://his.example', 'null'] } })
    expect(originCheck(api)).toMatchObject({ ok: true, detail: expect.stringContaining('null'), advice: expect.stringContaining('删去') })
    expect(originCheck(parseSettings(GOOD()).api)).not.toHaveProperty('advice')
    for (const host of ['http://t1.lan', 't1.lan/x', 't1 lan', 'user@t1.lan', '']) expect(() => parseSettings({ ...GOOD(), api: { allowedHosts: [host] } })).toThrow(/api\.allowedHosts\.0: must be a host name/)
    expect(parseSettings({ ...GOOD(), api: { allowedHosts: ['t1.lan', 'T1.lan:8080', '10.0.0.5', '[fd00::5]:80'] } }).api.allowedHosts.length).toBe(4)
  })

  test('an older audit log put back with its head, or all of it taken away, is told; looking makes no file', () => {
    const { dataDir } = place(GOOD())
    const sealer = loadSealer(dataDir)
    const digest = installationDigest(dataDir, sealer)
    const file = join(dataDir, 'audit.jsonl')
    const { store: state } = openStateStore({ file: join(dataDir, 'state.db'), sealer, digest })
    const log = openAuditLog({ file, digest, witness: auditWitness(state) })
    log.write('technician', 'device.lent', { device: 'a' })
    const older = [file, `${file}.head`].map((path) => [path, readFileSync(path)] as const)
    log.write('technician', 'device.lent', { device: 'b' })
    // While the terminal runs, and after it has stopped.
    expect(auditCheck(dataDir)).toMatchObject({ ok: true, detail: '2 条记录，逐条相连' })
    log.close()
    state.close()
    expect(auditCheck(dataDir)).toMatchObject({ ok: true, detail: '2 条记录，逐条相连' })
    for (const [path, bytes] of older) writeFileSync(path, bytes)
    const before = readdirSync(dataDir)
    expect(auditCheck(dataDir)).toMatchObject({ ok: false, detail: '第 2 行起断开：末尾少了 1 条记录（状态数据库记得第 2 条）' })
    for (const [path] of older) rmSync(path)
    expect(auditCheck(dataDir)).toMatchObject({ ok: false, detail: expect.stringContaining('末尾少了 2 条记录') })
    expect(readdirSync(dataDir)).toEqual(before.filter((name) => !name.startsWith('audit.')))
  })

  test('a whole audit chain is counted; a changed line, a missing one and another key are told', async () => {
    const { args, dataDir } = place(GOOD())
    const file = audit(dataDir)
    const good = await doctor(...args)
    expect([good.code, good.lines.find((line) => line.includes('审计链'))]).toEqual([
      0,
      '✔ 正常  审计链：3 条记录，逐条相连',
    ])
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('"device":"b"', '"device":"x"'))
    const changed = await doctor(...args)
    expect([changed.code, wrongIn(changed.lines)]).toEqual([1, [expect.stringMatching(/审计链：第 2 行起断开.*→/)]])
    writeFileSync(file, text.split('\n').toSpliced(1, 1).join('\n'))
    expect(auditCheck(dataDir)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('第 2 行起断开：序号不连续'),
    })
    writeFileSync(file, text.split('\n').slice(0, 2).join('\n') + '\n')
    expect(auditCheck(dataDir)).toMatchObject({ ok: false, detail: '第 3 行起断开：末尾少了 1 条记录' })
    rmSync(file)
    expect(auditCheck(dataDir)).toMatchObject({ ok: false, detail: expect.stringContaining('末尾少了 3 条记录') })
    writeFileSync(file, text)
    rmSync(join(dataDir, 'installation.secret'))
    expect(auditCheck(dataDir)).toMatchObject({ ok: false, detail: expect.stringContaining('installation.secret') })
    rmSync(join(dataDir, 'outbox.key'))
    expect(auditCheck(dataDir)).toMatchObject({ ok: false, detail: '没有密钥，无法校验' })
  })

  test('bad settings: a line for each fault, exit 1, no secret repeated', async () => {
    const { args } = place({
      terminal: {},
      platforms: { healthCard: { baseUrl: 'http://10.1.1.1', appSecret: 'do-not-repeat' } },
      api: { port: 'x' },
    })
    const { code, lines } = await doctor(...args)
    expect(code).toBe(1)
    for (const path of [
      'terminal.id',
      'platforms.healthCard.appId',
      'platforms.healthCard.baseUrl',
      'hospital.id',
      'api.port',
    ]) {
      expect(lines.filter((line) => line.startsWith(`✘ 异常  设置：${path}: `))).toHaveLength(1)
    }
    expect(lines.join()).not.toContain('do-not-repeat')
    const missing = await doctor('--config', join(args[1]!, 'nowhere.json'))
    expect([missing.code, missing.lines]).toEqual([1, [expect.stringContaining('无法读取设置文件')]])
  })

  test('a platform that is away and a scanner that is not there', async () => {
    const closed = createServer()
    const port = await listening(closed)
    await new Promise((done) => closed.close(done))
    const settings = GOOD()
    settings.platforms.healthCard.baseUrl = `http://127.0.0.1:${port}`
    const { args } = place({ ...settings, devices: { serial: [{ path: '/dev/ttyNOWHERE7' }] } })
    const { code, lines } = await doctor(...args)
    expect(code).toBe(1)
    expect(wrongIn(lines)).toEqual([
      expect.stringContaining('/dev/ttyNOWHERE7 不存在'),
      expect.stringMatching(/电子健康卡平台 可达：.*拒绝连接.*→/),
    ])
    expect(lines.at(-1)).toBe('共有 2 处异常。')
  })

  test('a platform whose clock is far off', async () => {
    simulator.control.clock(400_000)
    const { code, lines } = await doctor(...place(GOOD()).args)
    simulator.control.clock(0)
    expect(code).toBe(1)
    expect(wrongIn(lines).length).toBeGreaterThan(0)
    for (const line of wrongIn(lines)) expect(line).toMatch(/时间差：本机慢 (39\d|40\d) 秒.*校准本机时间/)
  })

  test('the port: free, taken by this terminal, taken by another program', async () => {
    const other = createHttpServer((_request, response) => response.end('<html>not us</html>'))
    const port = await listening(other)
    const { args, config, dataDir } = place({ ...GOOD(), api: { port } })
    const taken = await doctor(...args)
    expect([taken.code, wrongIn(taken.lines)]).toEqual([1, [expect.stringContaining(`${port} 被其他程序占用`)]])
    await new Promise((done) => other.close(done))
    expect(await portCheck({ ...parseSettings(GOOD()).api, port })).toMatchObject({ ok: true, detail: `${port} 空闲` })
    const terminal = await startTerminal({ config, dataDir, version: '1.2.3', host: 'none', writeLog: () => {} })
    try {
      const { code, lines } = await doctor(...args)
      expect([wrongIn(lines), code]).toEqual([[], 0])
      expect(lines).toContain(`✔ 正常  本地接口端口：${port}：码桥 1.2.3 正在运行（终端 W01）`)
    } finally {
      await terminal.stop()
    }
  })

  test('a key that others can read, a database without its key, a damaged database', async () => {
    const { args, dataDir } = place(GOOD())
    writeFileSync(join(dataDir, 'outbox.db'), 'not a database at all')
    const orphan = await doctor(...args)
    expect(wrongIn(orphan.lines)).toEqual([
      expect.stringContaining('文件已损坏'),
      expect.stringContaining('没有 outbox.key'),
    ])
    rmSync(join(dataDir, 'outbox.db'))
    loadSealer(dataDir)
    chmodSync(join(dataDir, 'outbox.key'), 0o644)
    expect(await keyCheck(dataDir)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('0644'),
      advice: expect.stringContaining('chmod 600'),
    })
    chmodSync(join(dataDir, 'outbox.key'), 0o600)
    expect(await keyCheck(dataDir)).toMatchObject({ ok: true })
    appendFileSync(join(dataDir, 'outbox.key'), 'torn')
    writeFileSync(join(dataDir, 'audit.jsonl'), '{}\n')
    expect(auditCheck(dataDir)).toMatchObject({ ok: false, detail: '无法校验（OUTBOX_KEY）' })
  })

  test('a wrong argument: exit 64 and how it is used', async () => {
    const { code, stderr } = await doctor('--conf', 'x')
    expect([code, stderr]).toEqual([64, expect.stringContaining('用法：npm run doctor')])
  })
})
