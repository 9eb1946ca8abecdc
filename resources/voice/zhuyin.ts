/** Pinyin -> zhuyin as the recorded syllables are named: no mark for the first tone, 1 for the light one. */
const INITIALS: Record<string, string> = {
  zh: 'ㄓ', ch: 'ㄔ', sh: 'ㄕ', b: 'ㄅ', p: 'ㄆ', m: 'ㄇ', f: 'ㄈ', d: 'ㄉ', t: 'ㄊ', n: 'ㄋ', l: 'ㄌ', g: 'ㄍ', k: 'ㄎ', h: 'ㄏ',
  j: 'ㄐ', q: 'ㄑ', x: 'ㄒ', r: 'ㄖ', z: 'ㄗ', c: 'ㄘ', s: 'ㄙ',
}
const FINALS: Record<string, string> = {
  a: 'ㄚ', o: 'ㄛ', e: 'ㄜ', ai: 'ㄞ', ei: 'ㄟ', ao: 'ㄠ', ou: 'ㄡ', an: 'ㄢ', en: 'ㄣ', ang: 'ㄤ', eng: 'ㄥ', er: 'ㄦ', ong: 'ㄨㄥ',
  i: 'ㄧ', ia: 'ㄧㄚ', ie: 'ㄧㄝ', iao: 'ㄧㄠ', iu: 'ㄧㄡ', ian: 'ㄧㄢ', in: 'ㄧㄣ', iang: 'ㄧㄤ', ing: 'ㄧㄥ', iong: 'ㄩㄥ',
  u: 'ㄨ', ua: 'ㄨㄚ', uo: 'ㄨㄛ', uai: 'ㄨㄞ', ui: 'ㄨㄟ', uan: 'ㄨㄢ', un: 'ㄨㄣ', uang: 'ㄨㄤ', ueng: 'ㄨㄥ',
  v: 'ㄩ', ve: 'ㄩㄝ', van: 'ㄩㄢ', vn: 'ㄩㄣ',
}
const ALONE: Record<string, string> = {
  yi: 'i', ya: 'ia', ye: 'ie', yao: 'iao', you: 'iu', yan: 'ian', yin: 'in', yang: 'iang', ying: 'ing', yong: 'iong',
  wu: 'u', wa: 'ua', wo: 'uo', wai: 'uai', wei: 'ui', wan: 'uan', wen: 'un', wang: 'uang', weng: 'ueng',
  yu: 'v', yue: 've', yuan: 'van', yun: 'vn',
}
const SIGNS = ['1', '', '2', '3', '4']

/** `zhong1` -> `ㄓㄨㄥ`. Throws where it is no syllable. */
export function zhuyinOf(pinyin: string): string {
  const letters = pinyin.slice(0, -1)
  const sign = SIGNS[Number(pinyin.at(-1))]
  const initial = ALONE[letters] ? '' : (Object.keys(INITIALS).find((each) => letters.startsWith(each)) ?? '')
  let final = ALONE[letters] ?? letters.slice(initial.length)
  if (/^[jqx]$/.test(initial)) final = final.replace(/^u/, 'v')
  const vowel = /^([zcs]h?|r)$/.test(initial) && final === 'i' ? '' : FINALS[final]
  if (sign === undefined || vowel === undefined) throw new Error(`no syllable: ${pinyin}`)
  return `${initial ? INITIALS[initial] : ''}${vowel}${sign}`
}
