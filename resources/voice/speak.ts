/** Text -> samples: Mandarin from recorded syllables, English by flite. 24 kHz, mono, -1 to 1. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readingOf } from './readings.ts'
import { zhuyinOf } from './zhuyin.ts'

export const RATE = 24_000
const JOIN_S = 0.018
const PAUSE_S = { short: 0.26, long: 0.42 }
/** Edges of a syllable below this share of its peak are silence. */
const SILENCE = 0.02
const LEVEL = 0.11
/** A light tone that nobody recorded: the first one, shorter and softer. */
const LIGHT = { gain: 0.65, length: 0.7 }
/** Names that English keeps are said in Chinese. */
const CHINESE_NAMES: Record<string, string> = { Ankang: '安康', Wanshitong: '皖事通', Yuejiantong: '粤健通', App: '应用' }
const ENGLISH_SOUNDS: [RegExp, string][] = [[/QR/g, 'Q R'], [/WeChat/g, 'we chat'], [/Alipay/g, 'alley pay'], [/\be-/g, 'e '], [/[’‘]/g, "'"]]

const syllables = new Map<string, Float32Array>()

/** @param directory where gcin-voice keeps its syllables, a folder each */
export function speak(text: string, directory: string): Float32Array {
  const named = Object.entries(CHINESE_NAMES).reduce((whole, [name, chinese]) => whole.replaceAll(name, chinese), text)
  const parts: Float32Array[] = []
  for (const [run] of named.matchAll(/[\u4e00-\u9fff“”，。；？、：\d ]*[\u4e00-\u9fff][\u4e00-\u9fff“”，。；？、：\d ]*|[^\u4e00-\u9fff]+/g)) {
    if (/[\u4e00-\u9fff]/.test(run)) parts.push(...mandarin(run, directory))
    else if (/[a-z]/i.test(run)) parts.push(english(run))
  }
  return joined(parts)
}

function mandarin(text: string, directory: string): Float32Array[] {
  const parts: Float32Array[] = []
  for (const [phrase, stop] of [...text.replace(/[“” ]/g, '').matchAll(/([^，。；？、：]+)([，。；？、：]?)/g)].map(([, a, b]) => [a!, b] as const)) {
    const said = readingOf(phrase).map((syllable) => syllableOf(syllable, directory))
    parts.push(said.reduce((before, next) => overlapped(before, next)))
    if (stop) parts.push(new Float32Array(Math.round(RATE * (/[。；？]/.test(stop) ? PAUSE_S.long : PAUSE_S.short))))
  }
  return parts
}

function syllableOf(syllable: string, directory: string): Float32Array {
  const known = syllables.get(syllable)
  if (known) return known
  const light = syllable.endsWith('0')
  const candidates = [syllable, light ? syllable.replace('0', '1') : syllable.replace('2', '3')]
  const found = candidates.find((candidate) => existsSync(fileOf(candidate, directory)))
  if (!found) throw new Error(`nobody recorded ${syllable}`)
  let samples = levelled(trimmed(decoded(fileOf(found, directory))))
  if (light && found !== syllable) samples = samples.slice(0, samples.length * LIGHT.length).map((value) => value * LIGHT.gain)
  syllables.set(syllable, samples)
  return samples
}

const fileOf = (syllable: string, directory: string) => join(directory, zhuyinOf(syllable), '5.ogg')

function english(text: string): Float32Array {
  const said = ENGLISH_SOUNDS.reduce((whole, [sound, as]) => whole.replace(sound, as), text)
  const directory = mkdtempSync(join(tmpdir(), 'maqiao-voice-'))
  const wav = join(directory, 'said.wav')
  execFileSync('flite', ['-voice', 'slt', '--setf', 'duration_stretch=1.12', '-t', said, '-o', wav])
  const samples = levelled(trimmed(decoded(wav)))
  rmSync(directory, { recursive: true })
  return samples
}

function decoded(file: string): Float32Array {
  const raw = execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 'f32le', '-ac', '1', '-ar', String(RATE), 'pipe:1'], { maxBuffer: 1e8 })
  return new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length))
}

function trimmed(samples: Float32Array): Float32Array {
  const least = SILENCE * samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const from = samples.findIndex((value) => Math.abs(value) > least)
  const to = samples.findLastIndex((value) => Math.abs(value) > least)
  return samples.slice(from, to + 1)
}

function levelled(samples: Float32Array): Float32Array {
  const power = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length)
  return samples.map((value) => Math.max(-0.98, Math.min(0.98, (value * LEVEL) / power)))
}

/** The end of one fades into the beginning of the next. */
function overlapped(before: Float32Array, next: Float32Array): Float32Array {
  const over = Math.min(Math.round(JOIN_S * RATE), before.length, next.length)
  const whole = new Float32Array(before.length + next.length - over)
  whole.set(before)
  const at = before.length - over
  for (let i = 0; i < over; i++) whole[at + i] = before[at + i]! * (1 - i / over) + next[i]! * (i / over)
  whole.set(next.subarray(over), before.length)
  return whole
}

/** With a breath between, and soft ends. */
function joined(parts: readonly Float32Array[]): Float32Array {
  const breath = Math.round(0.06 * RATE)
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length + breath, breath))
  let at = breath
  for (const part of parts) {
    const fade = Math.min(Math.round(0.008 * RATE), part.length >> 1)
    part.forEach((value, i) => (whole[at + i] = value * Math.min(1, i / fade, (part.length - i) / fade)))
    at += part.length + breath
  }
  return whole
}
