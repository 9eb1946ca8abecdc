/** What a browser that is broken may write into its pipe: the terminal goes on, and calls that are not answered run out. */
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createBrowserPage } from '../../../src/terminal/hosts/browser-page.ts'
import { openDevtools, type DevtoolsEvent } from '../../../src/terminal/hosts/devtools-pipe.ts'

const WRONG = ['', '{', 'null', '5', '"text"', '[]', '{"id":99,"result":null}', '{"id":1e9}', '{"method":5,"params":"x"}', '{"method":"m","params":null}', '{"id":"1","error":5}', 'not json \u0001']

describe('the pipe', () => {
  test.each(WRONG)('%j is passed over, and what comes next is heard', async (wrong) => {
    const [to, from] = [new PassThrough(), new PassThrough()]
    const heard: DevtoolsEvent[] = []
    const devtools = openDevtools(to, from, (event) => void heard.push(event))
    const answer = devtools.send('Runtime.evaluate')
    from.write(`${wrong}\0{"method":"after","params":{"a":1}}\0{"id":1,"result":{"value":2}}\0`)
    expect(await answer).toEqual({ value: 2 })
    expect(heard.at(-1)).toEqual({ method: 'after', params: { a: 1 } })
  })

  test('a message without an end is not kept for ever: the pipe is closed, and calls are refused', async () => {
    const [to, from] = [new PassThrough(), new PassThrough()]
    from.on('error', () => {})
    const devtools = openDevtools(to, from, () => {})
    const answer = devtools.send('Runtime.evaluate')
    const refused = expect(answer).rejects.toThrow('gone')
    for (let mb = 0; mb < 20 && !from.destroyed; mb += 1) await new Promise((done) => from.write(Buffer.alloc(1024 * 1024, 'x'), done))
    expect(from.destroyed).toBe(true)
    await refused
  })
})

describe('the page', () => {
  test.each([null, 5, {}, { type: 'page' }, { type: 'page', targetId: 'ours' }, { type: 'page', targetId: 'ours', url: 5 }, { type: 'page', targetId: 'ours', url: 'no address' }])('a target %j does not end the terminal', async (targetInfo) => {
    const asked: string[] = []
    const devtools = {
      async send(method: string): Promise<Record<string, unknown>> {
        asked.push(method)
        return method === 'Target.getTargets' ? { targetInfos: [{ targetId: 'ours', type: 'page', url: '' }] } : { sessionId: 's' }
      },
    }
    const page = createBrowserPage(devtools, { url: () => 'http://127.0.0.1:1/?ticket=t', log: () => {}, everyMs: 60_000, silentMs: 60_000 }, () => {})
    await page.open()
    expect(() => page.hear({ method: 'Target.targetInfoChanged', params: { targetInfo } })).not.toThrow()
    page.stop()
    // What is not our own address is left again.
    const isAddress = typeof (targetInfo as { url?: unknown } | null)?.url === 'string'
    expect(asked.filter((method) => method === 'Page.navigate')).toHaveLength(isAddress ? 2 : 1)
  })
})
