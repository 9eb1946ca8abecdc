/** The doctor's words: what to change on a scanner, and what it gains. */
import type { ScannerMode } from '../known-scanners.ts'

export type Findings = {
  readonly mode: ScannerMode
  readonly msPerCharacter: number
  readonly longestGapMs: number
  readonly terminator: string
  readonly prefix: string
  readonly suffix: string
  readonly aim?: string
  readonly lost: readonly string[]
  readonly caseInverted: boolean
  /** The maker whose set-up sheet fits, where the model tells. */
  readonly setupSheet?: string
}

/** An 安康码 is about as long. */
const LONG_CODE = 130
/** A USB serial port or HID POS takes less than this for a character. */
const FAST_MS = 0.2
/** A code without a terminator is known to be over after this, ms. */
const IDLE_MS = 50
/** Slower than this on a serial port, the line speed is worth raising: 9600 baud takes 1.04 ms. */
const SLOW_LINE_MS = 0.5

export function adviseOn(findings: Findings): { advice: string[]; secondsSaved: number } {
  const { mode, msPerCharacter, longestGapMs, terminator, prefix, suffix, aim, lost, caseInverted, setupSheet } = findings
  const scanSheet = setupSheet === undefined ? '扫描设置单' : `扫描 ${setupSheet} 设置单`
  const advice: string[] = []
  let savedMs = 0
  const scanSeconds = seconds(msPerCharacter * LONG_CODE)
  const gain = Math.max(0, (msPerCharacter - FAST_MS) * LONG_CODE)

  if (caseInverted) advice.push(`大小写颠倒：关闭键盘的 CapsLock，或${scanSheet}关闭扫码枪的大小写转换。`)
  if (lost.length > 0) advice.push(lossAdvice(mode, lost))
  if (mode === 'keyboard') {
    savedMs += gain
    advice.push(
      `扫码枪处于键盘模式，一个 ${LONG_CODE} 位的码约需 ${scanSeconds} 秒；${scanSheet}切换到 USB 虚拟串口或 HID POS 模式，每次约省 ${seconds(gain)} 秒，也不再受输入法影响。`,
    )
  } else if (mode === 'serial' && msPerCharacter > SLOW_LINE_MS) {
    savedMs += gain
    advice.push(`串口较慢，一个 ${LONG_CODE} 位的码约需 ${scanSeconds} 秒；把扫码枪和设置中的波特率都改为 115200，每次约省 ${seconds(gain)} 秒。`)
  }
  if (terminator === 'none' && mode !== 'hid') {
    savedMs += IDLE_MS
    advice.push(`没有结束符：每次扫码要多等一段静默才能确定读完。请${scanSheet}，添加回车（CR）后缀。`)
  }
  if (terminator === 'TAB') advice.push('结束符是制表符（TAB）：请在设置中填写 terminator，或把扫码枪后缀改为回车（CR）。')
  if (longestGapMs >= IDLE_MS && terminator === 'none') {
    advice.push(`码中间停顿了 ${Math.round(longestGapMs)} 毫秒，会被误认为读完：请把设置中的 idleMs 改为 ${Math.ceil(longestGapMs * 1.5)}，或添加回车后缀。`)
  }
  if (prefix !== '') advice.push(`码前有附加字符 ${shown(prefix)}：请在设置中填写 prefix，或在扫码枪上关闭前缀。`)
  if (suffix !== '') advice.push(`码后有附加字符 ${shown(suffix)}：请在设置中填写 suffix，或在扫码枪上关闭后缀。`)
  if (aim !== undefined) advice.push(`扫码枪附加了 AIM 标识 ${aim}：会自动去除，无需修改。`)
  if (advice.length === 0) advice.push('一切正常，无需修改。')
  return { advice, secondsSaved: Math.round(savedMs / 10) / 100 }
}

const CHINESE = /\p{Script=Han}/u

function lossAdvice(mode: ScannerMode, lost: readonly string[]): string {
  const unique = [...new Set(lost)].join(' ')
  if (lost.every((letter) => CHINESE.test(letter))) {
    return `汉字丢失或乱码（${unique}）：把扫码枪的输出编码设为 UTF-8 或 GBK；键盘模式无法可靠传送汉字，请切换到 USB 虚拟串口或 HID POS 模式。`
  }
  if (mode === 'keyboard') return `丢失了字符 ${unique}：扫码枪的键盘布局须设为美式英语（US），并关闭中文输入法；最好切换到 USB 虚拟串口或 HID POS 模式。`
  return `丢失了字符 ${unique}：检查波特率、校验位、数据线与 USB 集线器；扫码枪若设为 7 位数据，请改为 8 位。`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 1000 ? 2 : 1)
}

/** Control characters by their code: they cannot be seen otherwise. */
function shown(text: string): string {
  return `“${text.replace(/[\u0000-\u001f\u007f]/g, (char) => `<${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}>`)}”`
}
