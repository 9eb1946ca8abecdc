/** What is wrong now, the gravest first, one entry a cause, each with its next step and the section where that is done. */
import { overviewZhCn as words } from '../messages/diagnostics/overview-zh-cn.ts'
import type { Check, KeyPlace, Overview, SectionId } from './diagnostics-types.ts'

/** `section` null: nothing on this screen helps, the advice is followed elsewhere. `command`: to be run on the terminal. */
export type Problem = { id: string; grave: boolean; title: string; advice: string; section: SectionId | null; command?: string }

export function problemsOf(overview: Overview | null, checks: readonly Check[]): Problem[] {
  const failed = checks.filter(({ ok }) => !ok)
  const problems = overview === null ? [] : [...stateProblems(overview, failed), ...weakPlaces(overview)]
  problems.push(...checkProblems(failed.filter(({ id }) => !isTold(id, overview, problems)), checks))
  return problems.sort((a, b) => Number(b.grave) - Number(a.grave))
}

function stateProblems(overview: Overview, failed: readonly Check[]): Problem[] {
  const problems: Problem[] = []
  const add = (id: string, grave: boolean, title: string, advice: string, section: SectionId | null, command?: string) =>
    problems.push({ id, grave, title, advice, section, ...(command === undefined ? {} : { command }) })
  const { devices, platforms, outbox, notices } = overview
  if (outbox.fault) add(outbox.fault.code, true, outbox.fault.message, outbox.fault.advice, 'outbox')
  for (const { id, kind, model, stateName, state, fault } of devices) {
    if (state === 'open' || state === 'opening' || state === 'lent') continue
    add(`device.${id}`, true, `${model ?? id} ${fault?.message ?? stateName}`, fault?.advice ?? '', kind === 'camera' ? 'camera' : 'devices')
  }
  for (const { id, name, state, message, stateName, lastFault, lastFaultWords, plainHttp, certificates } of platforms) {
    // A check that failed on the same way says more than the exchange that did.
    const explained = lastFault?.startsWith('NETWORK_') && failed.some((check) => check.id.startsWith(`platform.${id}.`))
    if (state === 'failing' && !explained) {
      add(`platform.${id}`, true, `${name} ${lastFaultWords?.message ?? message ?? stateName}`, lastFaultWords?.advice ?? '', 'platforms')
    }
    if (plainHttp.length > 0) add(`plain.${id}`, true, words.plainHttp(name), words.plainHttpAdvice, 'settings')
    for (const { host, daysLeft, expiresSoon } of certificates) {
      if (expiresSoon) add(`certificate.${host}`, false, words.certificate(host, daysLeft), words.certificateAdvice, 'platforms')
    }
  }
  if (outbox.dead > 0) add('outbox.dead', false, words.deadTitle(outbox.dead), words.deadAdvice, 'outbox')
  if (outbox.unproven > 0) add('outbox.unproven', false, words.unprovenTitle(outbox.unproven), words.unprovenAdvice, 'outbox')
  for (const { kind, pausedUntil, reason } of outbox.lanes) {
    if (pausedUntil) add(`lane.${kind}`, false, `${words.laneTitle(kind)}${reason ? `：${reason.message}` : ''}`, reason?.advice ?? words.laneAdvice, 'outbox')
  }
  if (overview.restartNeeded) {
    const isService = overview.host.kind === 'none'
    add('restart', false, words.restart, isService ? words.restartService : words.restartAdvice, null, isService ? 'sudo systemctl restart maqiao' : undefined)
  }
  const { update } = overview
  if (update.state === 'newer' && update.newer) add('update', false, words.updateTitle(update.newer.version), words.updateAdvice, 'performance')
  if (update.state === 'failed' && update.fault) add('update', false, update.fault.message, update.fault.advice, 'performance')
  for (const { code, message, advice } of notices) {
    if (code !== outbox.fault?.code && code !== 'CERTIFICATE_EXPIRES') add(`notice.${code}`, false, message, advice, NOTICE_SECTIONS[code] ?? null)
  }
  return problems
}

const NOTICE_SECTIONS: Record<string, SectionId> = { CLOCK_SKEW: 'platforms', DATA_SET_ASIDE: 'support', REPORTS_HELD: 'outbox', DATA_RESTORED: 'outbox', INSTALLATION_CLONED: 'outbox' }

/** One entry a file, whatever it holds: it is put right once. */
function weakPlaces({ keys }: Overview): Problem[] {
  const held = [
    { what: words.outboxKey, key: keys.outbox },
    { what: words.apiToken, key: keys.apiToken },
    ...keys.secrets.map((key) => ({ what: words.secrets, key })),
  ].filter(({ key }) => !key.sound)
  const places = new Map<string, { key: KeyPlace; count: Map<string, number> }>()
  for (const { what, key } of held) {
    const at = key.place ?? key.words
    const place = places.get(at) ?? { key, count: new Map<string, number>() }
    place.count.set(what, (place.count.get(what) ?? 0) + 1)
    places.set(at, place)
  }
  return [...places].map(([at, { key, count }]) => {
    const holds = [...count].map(([what, many]) => (many > 1 ? words.many(many, what) : what)).join('、')
    const { command } = key
    const advice = command === undefined ? words.keyLostAdvice(holds) : words.keyOpenAdvice(holds)
    return { id: `key.${at}`, grave: command === undefined, title: command === undefined ? words.keyLost(at) : words.keyOpen(at), advice, section: null, ...(command === undefined ? {} : { command }) }
  })
}

/** Whether the terminal's own state has told already what this check found. */
function isTold(id: string, overview: Overview | null, problems: readonly Problem[]): boolean {
  const told = (what: string) => problems.some((problem) => problem.id === what)
  if (id.startsWith('serial.')) return told(`device.serial:${id.slice('serial.'.length)}`)
  if (/^(serial|hid):/.test(id)) return told(`device.${id}`)
  if (id.endsWith('.clock')) return told('notice.CLOCK_SKEW')
  if (id === 'key') return overview?.keys.outbox.sound === false
  if (id === 'outbox') return overview?.outbox.fault !== null && overview !== null
  return id.endsWith('.certificate') && (overview?.platforms ?? []).some(({ certificates }) => certificates.some(({ host, expiresSoon }) => expiresSoon && id.includes(host)))
}

/** Checks of one kind with one advice have one cause. */
function checkProblems(failed: readonly Check[], all: readonly Check[]): Problem[] {
  const causes = new Map<string, Check[]>()
  for (const check of failed) {
    const cause = check.id.startsWith('platform.') ? `${check.id.split('.').at(-1)}|${check.advice}` : check.id
    causes.set(cause, [...(causes.get(cause) ?? []), check])
  }
  const isWay = ({ id }: Check) => id.startsWith('platform.')
  const alone = all.some(isWay) && !all.some((check) => isWay(check) && check.ok && check.id.endsWith('.reach')) && causes.size === 1
  return [...causes.values()].map((checks) => {
    const [first] = checks as [Check, ...Check[]]
    const distinct = (texts: readonly string[], between: string) => [...new Set(texts)].join(between)
    const title = `${distinct(checks.map((check) => check.title), '、')}：${distinct(checks.map((check) => check.detail), '；')}`
    const advice = alone && checks.length > 1 && isWay(first) ? `${words.allDown}${first.advice ?? ''}` : (first.advice ?? '')
    return { id: `check.${first.id}`, grave: true, title, advice, section: sectionOf(first.id) }
  })
}

/** Where what a check found is put right; null where it is not on this screen. */
function sectionOf(id: string): SectionId | null {
  if (/^(serial|hid)/.test(id)) return 'devices'
  if (/^platform/.test(id)) return 'platforms'
  if (/^outbox/.test(id)) return 'outbox'
  if (/^audit/.test(id)) return 'audit'
  return id === 'port' ? 'settings' : null
}
