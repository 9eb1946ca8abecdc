/** Faults of the terminal itself: one table of stable codes, the words staff or a HIS programmer read, the HTTP status. */
import type { Fault } from '../transcode/outcome.ts'

const AGENT_FAULTS = {
  OUTCOME_UNKNOWN: [404, '没有这个扫码结果', '请核对 outcome 的 id；它来自事件或 /outcomes。'],
  OUTCOME_EXPIRED: [410, '这个扫码结果已超过保存时间', '请患者重新出示二维码并扫码，再提交结果。'],
  OUTCOME_NOT_ACCEPTED: [409, '这次扫码没有被受理，不能提交结果', '先完成选择，或请患者重新扫码。'],
  TRADE_STATE_UNKNOWN: [400, 'tradeState 不是约定的值', '请按 fields 中的值填写；其他取值由信息科加入设置 reports.success 或 reports.failure。本次没有保存任何上报。'],
  REPORT_STEP_UNKNOWN: [400, 'medicalStep 不在用卡环节表（电子健康卡 3.3.1）中', '请按 fields 中的代码填写，或不填而用终端的用卡环节。本次没有保存任何上报。'],
  RESULT_DIFFERS: [409, '同一个流水号已有不同的结果，并且已经上报', '请核对 fields：已上报的不能更改；另一笔业务请用新的流水号。'],
  OUTCOME_NOT_CHOOSE: [409, '这次扫码不需要选择', '请直接使用已有的结果。'],
  OFFER_NOT_POSSIBLE: [404, '这次扫码不能出示这个码', '没有开通对应的平台，或缺少患者信息。'],
  TARGET_UNKNOWN: [404, '没有这个可选项', '请使用该结果 targets 中的 id；没有 id 的用序号，如 #2 是第二个。'],
  TARGET_AMBIGUOUS: [409, '有几个可选项的 id 相同', '请用序号选择，如 #2 是 targets 中的第二个。'],
  REPORT_UNKNOWN: [404, '没有这条可重试的上报记录', '它可能已经送达；请刷新列表。'],
  REPORT_KIND_UNKNOWN: [404, '没有能接收这类上报的平台', '目前只有 health-card/reportHISData；请核对 kind，并确认已配置该平台。'],
  PLATFORM_UNKNOWN: [404, '没有这个平台', '可用的平台见 /api/v1/openapi.json。'],
  OPERATION_UNKNOWN: [404, '这个平台没有该接口', '可用的接口见 /api/v1/openapi.json。'],
  PLATFORM_NOT_CONFIGURED: [503, '本终端没有配置这个平台', '请信息科在设置的 platforms 中配置后重启。'],
  CALL_OVER: [404, '这次求助已经结束', '患者已不需要，或已过三分钟。'],
  REGISTRATION_OFF: [404, '本终端没有开通自助建卡', '请信息科打开设置 kiosk.registration，并填写 platforms.healthCard.offlineWechatCode。'],
  REHEARSAL_OFF: [404, '本终端不在演练模式', '演练只在没有设置文件的演示中可用。'],
  DEVICE_UNKNOWN: [404, '没有这个设备', '请核对设备 id；它来自 /health。'],
  BAD_REQUEST: [400, '请求内容不对', '请按 fields 中的原因改正。'],
  SEQ_UNKNOWN: [400, '这个序号还没有给出过', '请核对终端与序号；序号来自 outcome 或事件的 seq，只增不减。'],
  BODY_TOO_LARGE: [413, '请求内容过大', '请缩小后再发；上限见设置 api.maxBodyBytes。'],
  BODY_NOT_JSON: [400, '请求内容不是 JSON', '请以 application/json 发送合法的 JSON，编码为 UTF-8。'],
  BODY_TOO_COMPLEX: [400, '请求内容的成员太多，或一层套一层太深', '一次最多 20000 个值、64 层；请分几次提交。'],
  BODIES_TOO_MANY: [503, '同时提交的大请求太多', '请等前面的请求有了答复再发。'],
  TEXT_EMPTY: [400, '没有扫到内容', '请重新扫码。'],
  TEXT_TOO_LONG: [400, '内容太长，不是就诊码', '请重新扫码；二维码文本最多 4096 个字符。'],
  UNAUTHORISED: [401, '没有凭据或凭据不对', '请在 Authorization 头中带上 Bearer 令牌；令牌在设置或数据目录的 api-token 文件中。'],
  FORBIDDEN_RIGHT: [403, '这个凭据没有该操作的权限', '请使用 HIS 令牌，或在终端屏幕上操作。'],
  FORBIDDEN_ORIGIN: [403, '这个网页来源没有被允许', '请把网页的来源加入设置 api.allowedOrigins；从磁盘打开的网页来源是 null。'],
  FORBIDDEN_HOST: [403, '请求的主机名不是本终端', '请用 127.0.0.1 或 localhost 访问；其他名称（可带端口，如 t1.lan:8080）加入设置 api.allowedHosts。'],
  PIN_NOT_SET: [409, '还没有设置技术人员口令', '请先在诊断页设置 6 位以上数字口令。'],
  PIN_TOO_SHORT: [400, '口令不符合要求', '请使用 6 至 32 位数字。'],
  PIN_UNREADABLE: [409, '口令文件损坏或读不到，不能进入', '请管理员检查磁盘；确认后删除数据目录中的 technician.json，再重设口令。'],
  PIN_WRONG: [403, '口令不对', '请重新输入；连续错误会锁定一段时间。'],
  PIN_LOCKED: [423, '口令连续错误，已锁定', '请稍后再试；忘记口令请由管理员删除数据目录中的 technician.json 后重设。'],
  TICKET_INVALID: [401, '这个地址已经用过或已失效', '请从码桥重新打开屏幕，或用 POST /api/v1/tickets 取新的。'],
  TOO_MANY_REQUESTS: [429, '请求太频繁', '请稍候再试。'],
  NOT_FOUND: [404, '没有这个地址', '接口列表见 /api/v1/openapi.json。'],
  METHOD_NOT_ALLOWED: [405, '这个地址不支持该方法', '接口列表见 /api/v1/openapi.json。'],
  REPORT_NOT_DEAD: [409, '只能修改或删除上报失败的记录', '等待中的记录会自动上报；请刷新列表。'],
  REPORT_NOT_UNPROVEN: [409, '这条上报不在等待核实', '只有“是否已计数待核实”的上报可以确认送达；请刷新列表。'],
  REPORT_UNREADABLE: [409, '这条上报的内容读不出来', '密钥可能已更换或数据损坏：请恢复密钥文件，或导出诊断包联系支持。'],
  SETTINGS_NONE: [409, '演示没有设置文件', '请用 --config 指定设置文件启动后再修改设置。'],
  SETTINGS_UNREADABLE: [409, '设置文件读不出来', '请信息科检查设置文件是否存在、是否为合法的 JSON。'],
  SETTINGS_INVALID: [400, '设置有误，没有保存', '请按 fields 中的原因逐项改正。'],
  SETTINGS_CHANGED: [409, '设置文件在此期间被别人改过', '请重新打开设置，再做修改。'],
  SETTINGS_NOT_WRITABLE: [409, '设置文件不能写入', '请信息科检查设置文件及其目录的权限。'],
  KEY_FROM_SYSTEMD: [409, '密钥由 systemd 提供，不能在这里更换', '请更换 systemd 凭据 maqiao-outbox-key 后重启。'],
  TOKEN_IN_SETTINGS: [409, '接口令牌写在设置里，不能在这里更换', '请在设置 api.token 中更换，或删去该项改用自动生成的令牌。'],
  NOTE_NOT_KEPT: [507, '磁盘写不进去，这笔交易没有发出', '请信息科清理磁盘后重新提交；不先记下就发出，断电后可能重复办理。'],
  AUDIT_NOT_WRITABLE: [507, '审计记录写不进去，操作没有执行', '请信息科清理磁盘，或检查数据目录的权限。'],
  LEAVE_NO_HOST: [409, '码桥没有打开界面，无法从这里结束', '请在启动它的窗口或系统服务中结束它。'],
  UPDATE_NOT_READY: [409, '没有可以安装的新版本', '请先查看更新；安装包核对无误后才能安装。'],
  UPDATE_NO_INSTALLER: [409, '本机没有安装服务', '请管理员执行画面上的命令，或启用 resources/systemd 中的 maqiao-update 服务。'],
  UPDATE_BUSY: [409, '刚刚有人扫过码，没有安装', '请等患者办完，半分钟内没有扫码再安装。'],
  PASSPHRASE_TOO_SHORT: [400, '口令太短', '请使用至少 8 个字符的口令。'],
  STOPPING: [503, '码桥正在退出', '请在重新启动后再试。'],
  TERMINAL_FAULT: [500, '终端内部出错', '请重试；再次出现请把诊断包交给信息科。'],
} as const satisfies Record<string, readonly [number, string, string]>
export type AgentFaultCode = keyof typeof AGENT_FAULTS

/** A fault of the terminal; `fields` names each bad member with its reason. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: AgentFaultCode
  readonly httpStatus: number
  readonly fields: readonly { path: string; message: string }[]
  readonly #advice: string
  /** @param advice instead of the table's, where more is known */
  constructor(code: AgentFaultCode, fields: readonly { path: string; message: string }[] = [], advice?: string) {
    super(AGENT_FAULTS[code][1])
    this.#advice = advice ?? AGENT_FAULTS[code][2]
    this.code = code
    this.httpStatus = AGENT_FAULTS[code][0]
    this.fields = fields
  }

  get fault(): Fault {
    const [status, message] = AGENT_FAULTS[this.code]
    return { platform: 'maqiao', code: this.code, message, advice: this.#advice, retryable: status === 429 || status >= 500 }
  }
}
