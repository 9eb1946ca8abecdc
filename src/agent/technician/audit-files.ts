/** The files of the audit beside `audit.jsonl`: the closed months, the list of their ends (`audit.jsonl.months`) and the head (`audit.jsonl.head`). */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { chinaDateTime } from '../../transcode/china-time.ts'
import type { AuditHead } from './audit-witness.ts'

/** Keyed with the installation's secret; 64 hexadecimal digits. */
export type Digest = (text: string) => string

/** One line of a file. */
export type AuditLine = { seq: number; at: string; what: string; chain: string }

/** A month that takes no more entries: its file's name, and its last entry. */
export type ClosedMonth = AuditHead & { name: string }

/** The action of the entry that ends a month. */
export const CLOSING = 'audit.closed'

/** What the first entry of all is bound to. */
export function auditStart(digest: Digest): AuditHead {
  return { seq: 0, chain: digest('maqiao audit') }
}

/** yyyy-MM in China; undefined where there is no such time. */
export function monthOf(at: number): string | undefined {
  return Number.isFinite(at) ? chinaDateTime(at).slice(0, 7) : undefined
}

/** Undefined where there is no such file. */
export function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

export function parseLine(line: string): AuditLine | undefined {
  try {
    const value = JSON.parse(line) as AuditLine
    return typeof value?.seq === 'number' && typeof value.chain === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

export function headFile(file: string): string {
  return `${file}.head`
}

/** Every line of the log has a number and a chain: without a digest of its own, a head could be copied from any of them. */
export function headText({ seq, chain }: AuditHead, digest: Digest): string {
  return `${seq} ${chain} ${digest(`maqiao audit head\n${seq} ${chain}`)}\n`
}

export function readHead(file: string, digest: Digest): AuditHead | undefined {
  try {
    const text = readFileSync(headFile(file), 'utf8')
    const [, seq, chain] = /^(\d+) ([0-9a-f]{64}) [0-9a-f]{64}\n$/.exec(text) ?? []
    const head = seq === undefined || chain === undefined ? undefined : { seq: Number(seq), chain }
    return head && headText(head, digest) === text ? head : undefined
  } catch {
    return undefined
  }
}

export function monthsFile(file: string): string {
  return `${file}.months`
}

export function monthText({ name, seq, chain }: ClosedMonth, digest: Digest): string {
  return `${name} ${seq} ${chain} ${digest(`maqiao audit month\n${name} ${seq} ${chain}`)}\n`
}

/** @returns the months in the order of their closing; `broken`: the first line that is none (1 for the first) */
export function readMonths(file: string, digest: Digest): { text: string; months: ClosedMonth[]; broken?: number } {
  const text = textOf(monthsFile(file)) ?? ''
  const read = linesOf(text).map((line) => {
    const [name = '', seq, chain = ''] = line.split(' ')
    const month = { name, seq: Number(seq), chain }
    return isClosedName(file, name) && monthText(month, digest) === `${line}\n` ? month : undefined
  })
  const broken = read.indexOf(undefined) + 1
  return { text, months: read.filter((month) => month !== undefined), ...(broken > 0 && { broken }) }
}

/** A month is closed twice where the clock was put back before the first entry after its closing. */
export function closedName(file: string, month: string, months: readonly ClosedMonth[]): string {
  for (let count = 1; ; count++) {
    const name = `${basename(file, '.jsonl')}-${month}${count === 1 ? '' : `.${count}`}.jsonl`
    if (!existsSync(join(dirname(file), name)) && !months.some((each) => each.name === name)) return name
  }
}

/** The closed months that lie in the directory, whether they are listed or not. */
export function closedNames(file: string): string[] {
  return existsSync(dirname(file)) ? readdirSync(dirname(file)).filter((name) => isClosedName(file, name)) : []
}

function isClosedName(file: string, name: string): boolean {
  const stem = basename(file, '.jsonl')
  return name.startsWith(stem) && /^-\d{4}-\d{2}(\.\d+)?\.jsonl$/.test(name.slice(stem.length))
}
