/** The report that a hospital hands in: one page without anything from elsewhere, and the same as JSON. */
import { RESULTS, type Found, type Result } from './point.ts'

export type Report = {
  product: 'MaQiao'
  version: string
  /** ISO 8601. */
  at: string
  terminalId: string
  /** True where the platforms were the simulator's. */
  simulated: boolean
  /** Whether calls that cost or count were allowed (`--yes`). */
  counted: boolean
  platforms: { platform: string; hosts: string[] }[]
  summary: Record<Result, number>
  points: Found[]
}

export function summaryOf(points: readonly Found[]): Record<Result, number> {
  return Object.fromEntries(Object.keys(RESULTS).map((result) => [result, points.filter((point) => point.result === result).length])) as Record<Result, number>
}

/** Pictures are in the page alone: `picture` says whether there is one. */
export function reportJson(report: Report): string {
  const points = report.points.map(({ picture, ...point }) => ({ ...point, picture: picture !== undefined }))
  return `${JSON.stringify({ ...report, points }, null, 2)}\n`
}

export function reportHtml(report: Report): string {
  const { summary, points } = report
  const at = new Date(Date.parse(report.at) + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
  const facts: [string, string][] = [
    ['时间', `${at}（北京时间）`],
    ['码桥版本', report.version],
    ['终端', report.terminalId],
    ['平台', report.simulated ? '自带的模拟平台' : report.platforms.map(({ platform, hosts }) => `${platform} ${hosts.join('、')}`).join('；')],
    ['计数与计费的接口', report.counted ? '已发送（--yes）' : '没有发送'],
    ['结果', (Object.keys(RESULTS) as Result[]).map((result) => `${RESULTS[result]} ${summary[result]}`).join('，')],
  ]
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>码桥接入验收报告</title><style>${STYLE}</style></head>
<body><header><h1>接入验收报告</h1><p>${summary.failed === 0 ? '没有不通过的项' : `${summary.failed} 项不通过`}${summary['by-eye'] > 0 ? `；${summary['by-eye']} 项由人目视确认` : ''}${summary.skipped > 0 ? `；${summary.skipped} 项跳过，原因逐项写明` : ''}</p></header>
<dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>
<table><thead><tr><th>文档与章节</th><th>检测项</th><th>结果</th><th>所见</th></tr></thead><tbody>
${points.map(row).join('\n')}
</tbody></table>
${points.map(figure).join('\n')}
<footer><p>报告不含患者身份、令牌、码与密钥；requestId 供平台排查。</p><div class="sign"><span>实施人员：</span><span>医院信息科：</span><span>日期：</span></div></footer></body></html>
`
}

function row({ document, section, title, need, result, seen, requestIds, picture }: Found): string {
  const ids = requestIds.length === 0 ? '' : `<small>requestId ${requestIds.map(escaped).join(' ')}</small>`
  const eye = picture === undefined ? '' : `<small><a href="#p${anchor({ section, title })}">见画面</a></small>`
  return `<tr class="${result}"><td>${escaped(document)}<br>${escaped(section)}</td><td>${escaped(title)}${need === undefined ? '' : `<small>${need}</small>`}</td><td><b>${RESULTS[result]}</b></td><td>${escaped(seen)}${ids}${eye}</td></tr>`
}

function figure({ section, title, picture, seen }: Found): string {
  if (picture === undefined) return ''
  return `<figure id="p${anchor({ section, title })}"><figcaption>${escaped(section)} ${escaped(title)}：${escaped(seen)} <span class="eye">□ 符合　□ 不符合</span></figcaption><img alt="" src="data:image/png;base64,${picture.toString('base64')}"></figure>`
}

const anchor = ({ section }: Pick<Found, 'section' | 'title'>) => section.replace(/\W/g, '-')

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/** The colours of the screens (src/renderer/design/tokens.css). */
const STYLE = `
*{box-sizing:border-box}body{margin:0 auto;max-width:1080px;padding:32px;background:#fff;color:#10262b;font:15px/1.6 'Noto Sans SC','Microsoft YaHei','PingFang SC',sans-serif}
header{border-bottom:3px solid #0b5057;padding-bottom:12px}h1{margin:0;font-size:26px;color:#083b41}header p{margin:4px 0 0;color:#3d5358}
dl{display:grid;grid-template-columns:1fr 1fr;gap:4px 32px;margin:16px 0 24px}dl div{display:flex;gap:12px}dt{flex:none;width:9em;color:#566b70}dd{margin:0;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse}th{text-align:left;background:#e0eeee;color:#083b41}th,td{padding:8px 10px;border-bottom:1px solid #cfdadc;vertical-align:top}
td:nth-child(1){width:9em;color:#3d5358}td:nth-child(2){width:16em}td:nth-child(3){width:5em;white-space:nowrap}td:nth-child(4){overflow-wrap:anywhere}small{display:block;color:#566b70;font-size:13px}
.passed b{color:#0d6847}.failed b{color:#a1232b}.failed td{background:#fae9e8}.by-eye b{color:#1b4f8f}.skipped b{color:#46535c}a{color:#0b5057}
figure{margin:24px 0;break-inside:avoid}figcaption{margin-bottom:8px}figure img{display:block;max-width:100%;max-height:760px;border:1px solid #cfdadc}.eye{white-space:nowrap}
footer{margin-top:24px;color:#3d5358}.sign{display:grid;grid-template-columns:1fr 1fr 1fr;margin-top:32px;color:#10262b}
thead{display:table-header-group}tr{break-inside:avoid}@media print{body{padding:0;max-width:none;font-size:12px}@page{margin:15mm}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`
