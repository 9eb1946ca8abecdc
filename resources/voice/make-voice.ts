/**
 * Records the kiosk's prompts: `node resources/voice/make-voice.ts SYLLABLES [--all]`.
 * Needs ffmpeg and flite, and the syllables of Debian's gcin-voice (`/usr/share/gcin-voice/ogg`);
 * prompts whose words have not changed are left as they are.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promptsOf } from '../../src/renderer/kiosk/prompts.ts'
import { kioskEn } from '../../src/renderer/messages/kiosk-en.ts'
import { kioskZhCn } from '../../src/renderer/messages/kiosk-zh-cn.ts'
import { RATE, speak } from './speak.ts'

const here = import.meta.dirname
const manifestFile = join(here, 'manifest.json')
const [directory, all] = process.argv.slice(2)
if (!directory) throw new Error('where are the syllables? such as /usr/share/gcin-voice/ogg')
const before: Record<string, Record<string, string>> = existsSync(manifestFile) ? JSON.parse(readFileSync(manifestFile, 'utf8')) : {}
const manifest: Record<string, Record<string, string>> = {}

for (const [language, words] of [['zh', kioskZhCn], ['en', kioskEn]] as const) {
  mkdirSync(join(here, language), { recursive: true })
  const hashes: Record<string, string> = (manifest[language] = {})
  for (const [name, text] of Object.entries(promptsOf(words)).sort()) {
    hashes[name] = createHash('sha256').update(text).digest('hex').slice(0, 16)
    const file = join(here, language, `${name}.ogg`)
    if (!all && hashes[name] === before[language]?.[name] && existsSync(file)) continue
    const samples = speak(text, directory)
    const switches = ['-v', 'error', '-y', '-f', 'f32le', '-ar', String(RATE), '-ac', '1', '-i', 'pipe:0', '-c:a', 'libopus', '-b:a', '24k', '-map_metadata', '-1', '-fflags', '+bitexact', file]
    const { status, stderr } = spawnSync('ffmpeg', switches, { input: Buffer.from(samples.buffer) })
    if (status !== 0) throw new Error(`${name}: ${stderr}`)
  }
  for (const file of readdirSync(join(here, language))) {
    if (!Object.hasOwn(hashes, file.replace(/\.ogg$/, ''))) rmSync(join(here, language, file))
  }
}
writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`)
