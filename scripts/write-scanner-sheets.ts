/** Writes resources/scanner-sheets: `node scripts/write-scanner-sheets.ts [--check]`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import QRCode from 'qrcode'
import { TEST_SHEET_TEXT } from '../src/devices/scanner-doctor.ts'
import { code128, FNC3 } from '../src/devices/setup/code-128.ts'
import { SETUP_SHEETS, setupCodes, type SetupCode, type SetupSheetId } from '../src/devices/setup/setup-sheets.ts'

/** As long as an 安康码, and no platform's: the screens answer that they do not know it. */
const LONG_TEXT = `MaQiao://long?id=${'0123456789ABCDEF'.repeat(7)}`
const CARD_TEXT = '0000012345'
const QUIET = 4

type Code = { readonly id: string; readonly title: string; readonly words: string; readonly svg: string }

const codes: readonly Code[] = [
  {
    id: 'doctor',
    title: '① 扫码枪体检',
    words: '在诊断界面的设备中点“扫码枪体检”，再扫这个码一次。报告说明模式、速度、结束符、前后缀、编码和丢失的字符。',
    svg: qr(TEST_SHEET_TEXT, 45),
  },
  { id: 'long', title: '② 长码', words: '与安康码一样长，屏幕上的手机码也是这个大小。窗口界面应在 1 秒内回答不认识这个码。', svg: qr(LONG_TEXT, 40) },
  { id: 'small', title: '③ 小码', words: '与 ② 相同，只有一半大。读不出时请靠近些；仍读不出，多为扫码窗脏或分辨率低。', svg: qr(LONG_TEXT, 20) },
  {
    id: 'inverted',
    title: '④ 反色码',
    words: '手机深色模式下的码。读不出时，请在扫码枪说明书中打开“反相二维码 / Inverse QR”。',
    svg: qr(LONG_TEXT, 40, true),
  },
  { id: 'card', title: '⑤ 就诊卡条码', words: `Code 128，内容 ${CARD_TEXT}。只用二维码的窗口可以不管。`, svg: bars(CARD_TEXT, 50, 15) },
]

const MODULE_MM = 0.26
const WIDEST_MM = 180

const files = {
  'test-sheet.html': page('码桥 扫码枪测试单', testSheet()),
  ...Object.fromEntries((Object.keys(SETUP_SHEETS) as SetupSheetId[]).map((id) => [sheetFile(id), page(`码桥 扫码枪设置单 ${SETUP_SHEETS[id].maker}`, setupSheet(id))])),
}
const directory = join(import.meta.dirname, '..', 'resources', 'scanner-sheets')
mkdirSync(directory, { recursive: true })
for (const [name, text] of Object.entries(files)) {
  const path = join(directory, name)
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else if (readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`${name} is not up to date: run node scripts/write-scanner-sheets.ts\n`)
    process.exitCode = 1
  }
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>${title}</title>
<style>
@page { size: A4; margin: 12mm }
body { font: 11pt/1.5 "Noto Sans SC", "Microsoft YaHei", sans-serif; margin: 0 auto; max-width: 186mm; color: #000; background: #fff }
h1 { font-size: 16pt; margin: 0 0 2mm }
h2 { font-size: 12pt; margin: 0 }
main { display: grid; grid-template-columns: 1fr 1fr; gap: 10mm 8mm; margin-top: 6mm }
main.one { grid-template-columns: 1fr }
section { break-inside: avoid }
p { margin: 1mm 0 3mm }
svg { display: block }
code, footer { font-size: 8pt }
</style>
${body}
</html>
`
}

function testSheet(): string {
  return `<h1>扫码枪测试单</h1>
<p>按 100 % 打印（不要“适应页面”），每次只露出一个码，其余用纸遮住。本单不改动扫码枪的任何设置；改设置用同一文件夹中厂家的设置单，没有的用扫码枪说明书。</p>
<main>
${codes.map(({ id, title, words, svg }) => `<section id="${id}">\n<h2>${title}</h2>\n<p>${words}</p>\n${svg}\n</section>`).join('\n')}
</main>`
}

function setupSheet(id: SetupSheetId): string {
  const { maker, models, note, sources } = SETUP_SHEETS[id]
  const sections = setupCodes(id).map(
    ({ purpose, title, english, code }) =>
      `<section id="${purpose}">\n<h2>${title} · ${english}</h2>\n<p><code>${escaped(readable(code.text))}</code></p>\n${drawn(code)}\n</section>`,
  )
  return `<h1>扫码枪设置单：${maker}</h1>
<p>适用：${models}。${note}</p>
<p>这些码会改动扫码枪的设置。按 100 % 打印，一次只露出一个码，从上往下只扫需要的。扫后屏幕或记事本里打出了文字，说明这把枪不认这张单：请用它自己的说明书。
These codes change the scanner: print at 100 %, show one at a time. Where text appears instead, this scanner does not know them: use its own manual.</p>
<main class="one">
${sections.join('\n')}
</main>
<footer><p>来源 Sources：${sources.map(escaped).join('；')}。</p></footer>`
}

function sheetFile(id: SetupSheetId): string {
  return `${id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.html`
}

function drawn({ symbology, text }: SetupCode): string {
  if (symbology === 'qr') return qr(text, 30)
  const modules = code128(text).reduce((sum, width) => sum + width, 0) + 20
  return bars(text, Math.min(WIDEST_MM, Math.round(modules * MODULE_MM * 10) / 10), 15)
}

/** What cannot be seen, by its name. */
function readable(text: string): string {
  return text.replace(FNC3, '<FNC3>').replace('\r', '<CR>')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/** A QR code with its quiet zone, `mm` wide without it. */
function qr(text: string, mm: number, inverted = false): string {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' })
  const side = modules.size + 2 * QUIET
  const rows = Array.from({ length: modules.size }, (_, y) =>
    runs(Array.from(modules.data.slice(y * modules.size, (y + 1) * modules.size)))
      .map(([x, length]) => `M${x + QUIET} ${y + QUIET}h${length}v1h-${length}z`)
      .join(''),
  )
  const size = Math.round((mm * side * 100) / modules.size) / 100
  const [paper, ink] = inverted ? ['#000', '#fff'] : ['#fff', '#000']
  return (
    `<svg width="${size}mm" height="${size}mm" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="${paper}" d="M0 0h${side}v${side}h-${side}z"/><path fill="${ink}" d="${rows.join('')}"/></svg>`
  )
}

function bars(text: string, mm: number, heightMm: number): string {
  const widths = code128(text)
  const total = widths.reduce((sum, width) => sum + width, 0) + 20
  let x = 10
  const path = widths.map((width, index) => {
    const from = x
    x += width
    return index % 2 === 0 ? `M${from} 0h${width}v20h-${width}z` : ''
  })
  return (
    `<svg width="${mm}mm" height="${heightMm}mm" viewBox="0 0 ${total} 20" preserveAspectRatio="none" shape-rendering="crispEdges">` +
    `<path d="${path.join('')}"/></svg>`
  )
}

/** Where dark modules begin in a row, and how many stand together. */
function runs(row: readonly number[]): [number, number][] {
  const found: [number, number][] = []
  row.forEach((dark, x) => {
    const last = found.at(-1)
    if (!dark) return
    if (last && last[0] + last[1] === x) last[1]++
    else found.push([x, 1])
  })
  return found
}
