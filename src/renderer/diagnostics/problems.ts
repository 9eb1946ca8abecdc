/** What is wrong now, the gravest first, each with the section where it is put right. */
import { diagnosticsWords } from '../messages/diagnostics-zh-cn.ts'
import type { Check, Overview } from './diagnostics-types.ts'
import type { SectionId } from './sections.ts'

export type Problem = { id: string; grave: boolean; title: string; advice: string; section: SectionId }

const words = diagnosticsWords.overview
/** Seen in the terminal's own state already; the check would say it twice. */
const TOLD_BY_STATE = /^(serial\.|platform\..*\.clock$)/

export function problemsOf(overview: Overview | null, checks: readonly Check[]): Problem[] {
  const problems: Problem[] = []
  const add = (id: string, grave: boolean, title: string, advice: string, section: SectionId) => problems.push({ id, grave, title, advice, section })
  if (overview) {
    const { devices, platforms, outbox, keys, notices } = overview
    if (outbox.fault) add(outbox.fault.code, true, outbox.fault.message, outbox.fault.advice, 'outbox')
    for (const { id, kind, model, stateName, state, fault } of devices) {
      if (state === 'open' || state === 'opening' || state === 'lent') continue
      add(`device.${id}`, true, `${model ?? id} ${fault?.message ?? stateName}`, fault?.advice ?? '', kind === 'camera' ? 'camera' : 'devices')
    }
    for (const { id, name, state, message, stateName, lastFaultWords, plainHttp, certificates } of platforms) {
      const { advice, message: fault } = lastFaultWords ?? {}
      if (state === 'failing') add(`platform.${id}`, true, `${name} ${fault ?? message ?? stateName}`, advice ?? '', 'platforms')
      if (plainHttp.length > 0) add(`plain.${id}`, true, words.plainHttp(name), words.plainHttpAdvice, 'settings')
      for (const { host, daysLeft, expiresSoon } of certificates) {
        if (expiresSoon) add(`certificate.${host}`, false, words.certificate(host, daysLeft), words.certificateAdvice, 'platforms')
      }
    }
    if (outbox.dead > 0) add('outbox.dead', false, words.deadTitle(outbox.dead), words.deadAdvice, 'outbox')
    for (const { kind, pausedUntil, reason } of outbox.lanes) {
      if (pausedUntil) add(`lane.${kind}`, false, `${words.laneTitle(kind)}${reason ? `：${reason.message}` : ''}`, reason?.advice ?? '', 'outbox')
    }
    for (const { what, sound, words: told } of [{ what: words.outboxKey, ...keys.outbox }, { what: words.apiToken, ...keys.apiToken }]) {
      if (!sound) add(`key.${what}`, false, words.keyTitle(what), told, 'settings')
    }
    // One file often holds them all.
    const weak = keys.secrets.filter(({ sound }) => !sound)
    if (weak[0]) add('key.secrets', false, words.keyTitle(words.secretsOf(weak.length)), weak[0].words, 'settings')
    if (overview.restartNeeded) add('restart', false, words.restart, words.restartAdvice, 'settings')
    const told = new Set([outbox.fault?.code])
    for (const { code, message, advice } of notices) if (!told.has(code)) add(`notice.${code}`, false, message, advice, sectionOf(code))
  }
  const expiring = (overview?.platforms ?? []).flatMap(({ certificates }) => certificates.flatMap(({ host, expiresSoon }) => (expiresSoon ? [host] : [])))
  for (const { id, ok, title, detail, advice } of checks) {
    if (!ok && !TOLD_BY_STATE.test(id) && !(id.endsWith('.certificate') && expiring.some((host) => id.includes(host)))) add(`check.${id}`, true, `${title}：${detail}`, advice ?? '', sectionOf(id))
  }
  return problems.sort((a, b) => Number(b.grave) - Number(a.grave))
}

/** Where a check or a notice is put right. */
export function sectionOf(id: string): SectionId {
  if (/^(serial|hid)/.test(id)) return 'devices'
  if (/^platform|CLOCK/.test(id)) return 'platforms'
  if (/^outbox|OUTBOX/.test(id)) return 'outbox'
  if (/^audit/.test(id)) return 'audit'
  if (/^(api|port)|PLATFORM/.test(id)) return 'settings'
  return 'support'
}
