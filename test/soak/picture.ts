/** Draws the samples of a soak as one SVG picture. */
import type { Sample } from './samples.ts'

const WIDTH = 900
const PANEL = 150
const LEFT = 90
const RIGHT = 20

const PANELS = [
  ['data on the heap after a collection, MB', (sample: Sample) => sample.heapBytes / 1e6],
  ['compiled code, MB', (sample: Sample) => sample.codeBytes / 1e6],
  ['resident memory, MB', (sample: Sample) => sample.rssBytes / 1e6],
  ['handles', (sample: Sample) => sample.handles],
  ['file descriptors', (sample: Sample) => sample.descriptors],
  ['databases, MB', (sample: Sample) => sample.databaseBytes / 1e6],
  ['reports waiting', (sample: Sample) => sample.pending],
] as const

export function picture(samples: readonly Sample[], title: string): string {
  const lastMinute = Math.max(0.001, ...samples.map(({ minute }) => minute))
  const x = (minute: number) => LEFT + (minute / lastMinute) * (WIDTH - LEFT - RIGHT)
  const panels = PANELS.map(([name, value], index) => {
    const top = 40 + index * PANEL
    const most = Math.max(0.001, ...samples.map(value)) * 1.1
    const y = (sample: Sample) => top + PANEL - 30 - (value(sample) / most) * (PANEL - 50)
    const lives = [...new Set(samples.map(({ life }) => life))].map((life) => {
      const points = samples.filter((sample) => sample.life === life).map((sample) => `${x(sample.minute).toFixed(1)},${y(sample).toFixed(1)}`)
      return `<polyline points="${points.join(' ')}" fill="none" stroke="${life % 2 ? '#0a7' : '#05c'}" stroke-width="1.5"/>`
    })
    return `<text x="${LEFT}" y="${top + 12}" font-weight="bold">${name}</text>
<text x="4" y="${top + 30}">${most.toFixed(1)}</text><text x="4" y="${top + PANEL - 30}">0</text>
<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${top + PANEL - 30}" y2="${top + PANEL - 30}" stroke="#999"/>
${lives.join('\n')}`
  })
  const height = 40 + PANELS.length * PANEL + 20
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/><text x="${LEFT}" y="22" font-size="15">${title}</text>
${panels.join('\n')}
<text x="${WIDTH - 120}" y="${height - 8}">${lastMinute.toFixed(1)} minutes</text>
</svg>
`
}
