/** Text whose lines end at a stop where they can, and never inside a Chinese word. */
import { h, type FunctionalComponent, type VNodeChild } from 'vue'
import { chineseLines } from '../messages/chinese-lines.ts'

const WORDS = new Intl.Segmenter('zh', { granularity: 'word' })
const CHINESE = /[\u4e00-\u9fff]/
/** Words of another script; among them a hyphened name such as e-Health, and a Chinese one, are one each. */
const FOREIGN = /[A-Za-z]{2,}/g
const RUN = /(\S+)/
const HYPHENED = /.-./
const NAME = /([\u4e00-\u9fff]+)/
/** A clause with the stop that ends it. */
const CLAUSE = /[^，。；？！：]+[，。；？！：”]*/g
/** What may not begin a line. */
const CLINGS = new RegExp(`^([”’）)、，。；？！：]|[${chineseLines.clinging}]$)`)
const WHOLE = new RegExp(`(${chineseLines.whole.join('|')})`)
const OPENS = /[“‘（(]$/

/** The words of a clause, marks kept with the word they belong to. */
function wordsOf(clause: string): string[] {
  const words: string[] = []
  // A split by a group gives what stands between and, at the odd places, the group.
  const segments = clause.split(WHOLE).flatMap((part, at) => (at % 2 === 1 ? [part] : Array.from(WORDS.segment(part), ({ segment }) => segment)))
  for (const segment of segments) {
    const last = words.at(-1)
    if (last !== undefined && (CLINGS.test(segment) || OPENS.test(last))) words[words.length - 1] = last + segment
    else words.push(segment)
  }
  return words
}

const unbroken = (word: string): VNodeChild => h('span', { class: 'unbroken' }, word)

export const PhraseText: FunctionalComponent<{ text: string }> = ({ text }) => {
  if (!CHINESE.test(text) || (text.match(FOREIGN)?.length ?? 0) > 1) {
    // The font's own apostrophe is as wide as a Chinese character.
    return text.replaceAll('’', "'").split(RUN).flatMap((run) => (HYPHENED.test(run) ? [unbroken(run)] : run.split(NAME).map((part, at) => (at % 2 === 1 ? unbroken(part) : part))))
  }
  return (text.match(CLAUSE) ?? [text]).map((clause) => {
    const parts: VNodeChild[] = wordsOf(clause).flatMap((word, at) => (at === 0 ? [word] : [h('wbr'), word]))
    return h('span', { class: 'clause' }, parts)
  })
}
PhraseText.props = ['text']
