/** What of 电子健康卡 2.8 is shown on the played platforms: faults, mix-ups, injection, endurance. */
import type { TroubleMode } from '../../simulator/trouble.ts'
import type { Rehearsal } from './rehearsal.ts'
import { passedUnless, type Finding } from './point.ts'

const OPERATIONS = { 'card-static': 'getHealthCardByQRCode', 'card-dynamic': 'verifyQRCode' } as const
const TROUBLES: readonly TroubleMode[] = ['reset', 'html', 'empty', 'status', 'truncated', 'hang']
const HERE = '（在自带的模拟平台上）'

/** 2.8.3.6-1: each trouble ends in a fault with a code and an advice, and the next scan is accepted. */
export async function handlesTroubles({ simulator, scan }: Rehearsal): Promise<Finding> {
  const wrong: string[] = []
  for (const mode of TROUBLES) {
    simulator.control.fault({ platform: 'health-card', operation: 'getHealthCardByQRCode', mode, times: 2 })
    const { status, error } = await scan('card-static')
    if (status !== 'unavailable' || !error?.code || !error.advice) wrong.push(`${mode}：结果是 ${status}`)
    simulator.control.reset()
    if ((await scan('card-static')).status !== 'accepted') wrong.push(`${mode} 之后没有恢复`)
  }
  return passedUnless(wrong, `断线、网页代替、空答复、停机、半截答复、超时 ${TROUBLES.length} 种都有明确的代码与处理办法，随后恢复${HERE}`)
}

/** 2.8.3.6-2: an answer to another request, or about another card, is not taken. */
export async function refusesMixUps({ simulator, scan }: Rehearsal): Promise<Finding> {
  const wrong: string[] = []
  // With a token, so that the fault meets the question and not its refusal.
  await scan('card-static')
  for (const [sample, operation] of Object.entries(OPERATIONS)) {
    for (const mode of ['other-request', 'other-person'] as const) {
      simulator.control.fault({ platform: 'health-card', operation, mode, times: 1 })
      const { status, error, patient } = await scan(sample)
      if (status !== 'unavailable' || error?.code !== 'REPLY_OTHER' || patient?.name !== undefined) wrong.push(`${operation} ${mode}：结果是 ${status}`)
    }
  }
  return passedUnless(wrong, `requestId 不符、卡不符的答复都没有采用（REPLY_OTHER）${HERE}`)
}

const INJECTIONS = ["' OR '1'='1' --", '*)(uid=*))(|(uid=*', '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '${jndi:ldap://127.0.0.1/a}', '; DROP TABLE outcome; --']

/** 2.8.3.3-2: texts that would inject are no codes, reach no platform, and the pages run no script of others. */
export async function resistsInjection({ simulator, scanText, terminal }: Rehearsal): Promise<Finding> {
  const wrong: string[] = []
  const before = simulator.control.requests().length
  for (const text of INJECTIONS) {
    const { status } = await scanText(text)
    if (status !== 'unrecognised') wrong.push(`注入的文字结果是 ${status}`)
  }
  if (simulator.control.requests().length > before) wrong.push('注入的文字发给了平台')
  const page = await fetch(terminal.newUiUrl())
  const policy = page.headers.get('content-security-policy') ?? ''
  if (!/(script-src|default-src) [^;]*'self'/.test(policy) || /script-src[^;]*'unsafe-inline'/.test(policy)) wrong.push('页面没有禁止外来脚本（content-security-policy）')
  return passedUnless(wrong, `${INJECTIONS.length} 种注入文字都不识别、不发出；页面只运行自带脚本${HERE}`)
}

/** 2.8.3.5-1: who asks the terminal for codes must name themselves. */
export async function asksWhoCalls({ terminal }: Rehearsal): Promise<Finding> {
  const path = `${terminal.ready.api}/api/v1/platforms/health-card/getDynamicQRCode`
  const wrong: string[] = []
  for (const authorization of [undefined, 'Bearer 0000000000000000']) {
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
    const { status } = await fetch(path, { method: 'POST', headers, body: '{}' })
    if (status !== 401) wrong.push(`${authorization ? '错误的' : '没有'}令牌时答复 HTTP ${status}`)
  }
  return passedUnless(wrong, `没有令牌或令牌不对时答复 401；平台另核对 healthCardId 与证件${HERE}`)
}

const MANY = 60
const LONGEST_MS = 3000

/** 2.8.3.8: many scans, every third in trouble: how long the others took (操作流畅性), and whether each had its ending (健壮性). */
export async function endures({ simulator, scan, terminal }: Rehearsal): Promise<{ smooth: Finding; sound: Finding }> {
  const wrong: string[] = []
  let slowest = 0
  for (let count = 0; count < MANY; count++) {
    const mode = count % 3 === 2 ? TROUBLES[(count / 3) % (TROUBLES.length - 1) | 0] : undefined
    if (mode !== undefined) simulator.control.fault({ platform: 'health-card', operation: 'verifyQRCode', mode, times: 1 })
    const from = performance.now()
    const { status } = await scan('card-dynamic')
    if (mode === undefined) slowest = Math.max(slowest, performance.now() - from)
    if (status !== (mode === undefined ? 'accepted' : 'unavailable')) wrong.push(`第 ${count + 1} 次结果是 ${status}`)
  }
  simulator.control.reset()
  const { status } = await fetch(terminal.newUiUrl())
  if (status !== 200) wrong.push(`界面答复 HTTP ${status}`)
  const took = `最慢一次 ${Math.round(slowest)} ms`
  return {
    smooth: passedUnless(slowest > LONGEST_MS ? [`${took}，超过 ${LONGEST_MS} ms`] : [], `连续扫码，${took}${HERE}`),
    sound: passedUnless(wrong.slice(0, 5), `连续 ${MANY} 次扫码、其中 ${MANY / 3} 次故障，次次有结果，界面照常${HERE}`),
  }
}
