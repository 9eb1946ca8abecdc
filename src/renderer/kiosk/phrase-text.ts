/** Text whose lines end at a stop where they can, and never inside a Chinese word. */
import { h, type FunctionalComponent, type VNodeChild } from 'vue'

const WORDS = new Intl.Segmenter('zh', { granularity: 'word' })
const CHINESE = /[\u4e00-\u9fff]/
/** A clause with the stop that ends it. */
const CLAUSE = /[^，。；？！：]+[，。；？！：”]*/g
/** What may not begin a line. */
const CLINGS = /^[”’）)、，。；？！：]/
const OPENS = /[“‘（(]$/

/** The words of a clause, marks kept with the word they belong to. */
function wordsOf(clause: string): string[] {
  const words: string[] = []
  for (const { segment } of WORDS.segment(clause)) {
    const last = words.at(-1)
    if (last !== undefined && (CLINGS.test(segment) || OPENS.test(last))) words[words.length - 1] = last + segment
    else words.push(segment)
  }
  return words
}

export const PhraseText: FunctionalComponent<{ text: string }> = ({ text }) => {
  if (!CHINESE.test(text)) return text
  return (text.match(CLAUSE) ?? [text]).map((clause) => {
    const parts: VNodeChild[] = wordsOf(clause).flatMap((word, at) => (at === 0 ? [word] : [h('wbr'), word]))
    return h('span', { class: 'clause' }, parts)
  })
}
PhraseText.props = ['text']
