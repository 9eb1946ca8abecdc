/** 微信电子健康卡 2.8.3 检测要求, point by point, as far as a scanner terminal has the function. */
import { diagnose } from '../../agent/diagnostics.ts'
import { originsIn, plainOriginsIn } from '../../agent/technician/origins.ts'
import type { Asked, Asker, Members } from './asker.ts'
import { failed, passed, passedUnless, Skipped, type Finding, type Point } from './point.ts'
import type { Rehearsal } from './rehearsal.ts'
import { asksWhoCalls, endures, handlesTroubles, refusesMixUps, resistsInjection } from './rehearsed-points.ts'
import type { Pictures } from './pictures.ts'

const ID = 'health-card'
/** 2.8.3.9: 生成二维码的整体耗时. */
const LONGEST_CODE_MS = 3000
/** No card has it: to ask about it counts nothing, and shows that access is given. */
const NO_CARD = `${'0F'.repeat(32)}:1`

export function healthCardPoints(asker: Asker, rehearsal: Rehearsal, pictures: Pictures, dataDir: string): Point[] {
  const { settings, once } = asker
  const section = settings.platforms['healthCard'] as { pageUrl?: string } | undefined
  const call = (operation: string, body?: Members) => asker.ask(ID, operation, body)
  /** The test patient's card, asked for once: before go-live an interface has 100 calls a day. */
  const card = once(async () => {
    const { answer } = await call('getHealthCardByQRCode')
    return answer['card'] as Members
  })
  const dynamicCode = async (): Promise<Asked> => {
    const { qrCodeText, healthCardId, idType, idNumber } = await card()
    return call('getDynamicQRCode', { healthCardId: healthCardId || String(qrCodeText).split(':')[0], idType, idNumber })
  }
  const firstCode = once(dynamicCode)
  const access = once(() => accessTo(asker))
  const endurance = once(() => endures(rehearsal))
  const configured = (look: () => Promise<Finding>) => async () => {
    if (!asker.has(ID)) throw new Skipped('没有配置电子健康卡平台')
    return look()
  }
  const point = (number: string, title: string, need: Point['need'], look: () => Promise<Finding>): Point => ({
    document: '电子健康卡', section: `2.8.3.${number}`, title, ...(need === undefined ? {} : { need }), look,
  })
  const asked = (number: string, title: string, need: Point['need'], look: () => Promise<Finding>) => point(number, title, need, configured(look))
  const notHere = (reason: string) => async (): Promise<Finding> => Promise.reject(new Skipped(reason))

  return [
    asked('1-1', '采用 HTTPS 协议', '必选项', async () => {
      const plain = plainOriginsIn(section)
      if (plain.length > 0) return failed(`未加密的地址：${plain.map(hostOf).join('、')}`)
      const origins = originsIn(section)
      if (origins.every(({ protocol }) => protocol === 'http:')) throw new Skipped('模拟平台在本机，不经网络；正式平台的地址须为 https')
      await access()
      return passed(`${origins.map(({ host }) => host).join('、')} 全部为 https，证书通过验证`)
    }),
    asked('1-2', '采用 JSON 数据结构', '必选项', async () => (await access(), passed('请求与答复都是 JSON，答复含 commonOut 与 rsp'))),
    asked('2-1', '电子健康卡二维码申请功能', '必选项', async () => told(await call('registerHealthCard'), ['qrCodeText'])),
    asked('2-1', '电子健康卡二维码申请功能（批量，3.2.9）', '条件必选项', async () => {
      const { answer } = await call('registerBatchHealthCard')
      const items = answer['rspItems'] as Members[]
      const without = items.filter(({ qrCodeText }) => !qrCodeText).length
      return without === 0 ? passed(`${items.length} 人都有 qrCodeText`) : failed(`${items.length} 人中 ${without} 人没有注册上`)
    }),
    asked('2-1', '身份证图片识别（3.2.5）', '条件必选项', async () => told({ ...(await call('ocrInfo')) }, ['name', 'id'], 'cardInfo')),
    asked('2-2', '电子健康卡二维码接收功能', '必选项', async () => fieldsIn(await card(), ['name', 'idNumber', 'idType'])),
    asked('2-2', '通过健康卡授权码获取健康卡（3.2.3）', '条件必选项', async () => told(await call('getHealthCardByHealthCode'), ['name', 'idNumber'], 'card')),
    asked('2-3', '电子健康卡二维码显示功能', '必选项', async () => told(await firstCode(), ['qrCodeText'])),
    asked('2-4', '用户身份认证功能（动态二维码校验，3.2.11）', '必选项', async () => told(await call('verifyQRCode'), ['name', 'idNumber', 'healthCardId'])),
    asked('2-5', '就诊卡账户绑定功能', '条件必选项', async () => {
      const { answer } = await call('bindCardRelation')
      return answer['result'] === true ? passed('result 为 true') : failed('平台没有绑定（result 不是 true）')
    }),
    point('2-6', '就诊信息查询', '条件必选项', notHere('不适用：扫码终端不保存就诊信息，由服务号与 HIS 提供')),
    point('2-7', '电子健康卡解绑功能', '必选项', notHere('文档没有解绑接口：患者在“电子健康卡”小程序解绑')),
    point('3-1', '访问方式', '必选项', async () => {
      const wrong: string[] = []
      for await (const { id, ok, title, detail } of diagnose(settings, dataDir)) {
        if (id !== 'crypto') continue
        if (!ok) wrong.push(`${title}：${detail}`)
        break
      }
      if (section?.pageUrl !== undefined && !section.pageUrl.startsWith('https://')) wrong.push('授权页面的地址（pageUrl）不是 https')
      return passedUnless(wrong, '授权页面为 https；SM2、SM3、SM4 与签名自检同文档样例一致')
    }),
    point('3-2', '页面注入防范', '必选项', () => resistsInjection(rehearsal)),
    asked('4-1', '基本授权', '条件必选项', async () => passed(`appId 与密钥换得凭证，签名与医院 ID 被接受（${await access()}）；没有采用 SDK`)),
    point('5-1', '二维码申请：验证身份', '必选项', () => asksWhoCalls(rehearsal)),
    asked('5-2', '二维码动态定时刷新', '必选项', async () => {
      const { show, refreshSec } = settings.kiosk.cardCode
      if (show !== 'dynamic') throw new Skipped(`kiosk.cardCode.show 为 ${show}：本机不出示动态码`)
      const [first, second] = [await firstCode(), await dynamicCode()]
      return first.answer['qrCodeText'] === second.answer['qrCodeText'] ? failed('两次取得的码相同') : passed(`每 ${refreshSec} 秒换一次；两次取得的码不同`)
    }),
    asked('6-1', '与电子健康卡管理信息系统接口', '必选项', async () => passed(`没有的卡按返回码拒绝（${await access()}）`)),
    point('6-1', '与电子健康卡管理信息系统接口：异常处理', '必选项', () => handlesTroubles(rehearsal)),
    asked('6-2', '接口数据完整性', '必选项', async () => (await card(), passed('答复的 requestId 与卡都同所问的一致'))),
    point('6-2', '接口数据完整性：异常检查', '必选项', () => refusesMixUps(rehearsal)),
    asked('6-3', '接口报文功能性（用卡数据监测，3.2.7）', '必选项', async () => (await call('reportHISData'), passed('一次用卡上报被接受'))),
    asked('6-3', '接口报文功能性（卡包订单 ID，3.2.8）', '条件必选项', async () => told(await call('getOrderIdByOutAppId'), ['orderId'])),
    point('7-1', '居民健康卡标识展示', '必选项', async () => {
      const mark = settings.kiosk.cardMarkFile === undefined ? '标识是本项目画的代用图：验收前请把卡管部门给的图片填入 kiosk.cardMarkFile' : '标识是 kiosk.cardMarkFile 的图片'
      return pictures.look('card-code', `请看二维码与“居民健康卡”标识是否一同展示。${mark}`)
    }),
    point('7-2', '界面 UI 布局、功能', '必选项', () => pictures.look('kiosk', '请看自助机首页的布局与文字')),
    point('7-3', '展示完整性', '必选项', () => pictures.look('desk', '请看窗口界面是否完整、没有截断')),
    point('8-1', '操作流畅性', '推荐项', async () => (await endurance()).smooth),
    point('8-2', '健壮性', '推荐项', async () => (await endurance()).sound),
    asked('9-1', '关键操作耗时：生成二维码不超过 3 秒', '必选项', async () => {
      const { ms } = await firstCode()
      return ms <= LONGEST_CODE_MS ? passed(`${ms} ms`) : failed(`${ms} ms，超过 ${LONGEST_CODE_MS} ms`)
    }),
  ]
}

/** Asks about a card that is not there; the code of the refusal. Rejects where access is refused or nothing usable is answered. */
async function accessTo(asker: Asker): Promise<string> {
  try {
    await asker.ask(ID, 'getHealthCardByQRCode', { qrCodeText: NO_CARD })
    return '0'
  } catch (error) {
    const { ending, fault } = error as { ending?: string; fault?: { code: string } }
    if (ending === 'rejected' && fault !== undefined) return fault.code
    throw error
  }
}

/** Passed where an answer, or the object in it, has these fields. */
function told({ answer, ms }: Asked, wanted: readonly string[], within?: string): Finding {
  return fieldsIn((within === undefined ? answer : answer[within]) as Members, wanted, `，${ms} ms`)
}

function fieldsIn(members: Members, wanted: readonly string[], took = ''): Finding {
  const missing = wanted.filter((name) => !members[name])
  const has = Object.keys(members).filter((name) => members[name] !== '' && members[name] !== undefined && members[name] !== null)
  return missing.length === 0 ? passed(`答复含 ${has.join('、')}${took}`) : failed(`答复没有 ${missing.join('、')}`)
}

const hostOf = (origin: string) => new URL(origin).host
