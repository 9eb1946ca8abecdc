import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/transcode/outcome.ts'
import { startTestTerminal, TOKEN, until, type TestTerminal } from '../support/terminal.ts'

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/his.md'), 'utf8')
const hasCurl = spawnSync('curl', ['--version']).status === 0

let t: TestTerminal
beforeAll(async () => {
  t = await startTestTerminal()
})
afterAll(() => t.close())

/** The first example in a language, for this terminal. */
function example(language: string): string {
  const [, text = ''] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(GUIDE) ?? []
  return text.replaceAll('http://127.0.0.1:9700', t.terminal.ready.api).replace('你的令牌', TOKEN)
}

function run(command: string, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += String(chunk)))
    child.once('exit', () => resolve(output))
  })
}

const outcomes = async () => ((await t.request('GET', '/api/v1/outcomes')).body as { outcomes: Outcome[] }).outcomes

describe('docs/his.md as printed', () => {
  it.skipIf(!hasCurl)('curl (skipped where there is no curl)', async () => {
    const output = await run('bash', ['-c', example('bash')])
    expect(output).toContain('"status":"ok"')
    expect(output.trim().endsWith('{"reports":[]}')).toBe(true)
    expect((await outcomes()).at(-1)).toMatchObject({ patient: { birthday: '1985-06-12' }, handledAt: expect.any(String) })
  })

  it('JavaScript', async () => {
    const given = `
      const localStorage = { getItem: () => null, setItem: (key, value) => console.log(key, value) }
      const token = ${JSON.stringify(TOKEN)}
      const register = async () => ({ tradeNo: 'GH1', tradeState: '1', msg: '挂号成功' })
    `
    const child = spawn(process.execPath, ['--input-type=module', '-e', `${given}${example('js')}\nlisten()`], { stdio: ['ignore', 'pipe', 'inherit'] })
    let remembered = ''
    child.stdout.on('data', (chunk) => (remembered += String(chunk)))
    try {
      const { id } = await t.scan('340101199003077427')
      const handled = await until(outcomes, (all) => all.some((each) => each.id === id && each.handledAt !== undefined))
      expect(handled.length).toBeGreaterThan(0)
      expect(await until(() => remembered, Boolean)).toMatch(/^maqiao\.seq \d+$/m)
    } finally {
      child.kill()
    }
  })
})
