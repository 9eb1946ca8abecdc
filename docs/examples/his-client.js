/**
 * 收扫码结果，一位办完再办下一位，并提交办理结果。断线、重启、刷新页面都不漏、不重。
 *   register(outcome, tradeNo)  你的业务：返回 result 的内容。同一 tradeNo 再来一次，应返回已办好的那一笔
 *   show(outcome)               可选：每个扫码结果都给一次，patient 可能没有
 *   tell(text)                  可选：给操作员看的话
 */
function connectMaqiao({ api, token, register, show = () => {}, tell = console.log }) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const wait = (ms) => new Promise((done) => setTimeout(done, ms))
  const remember = (seq) => localStorage.setItem('maqiao.seq', String((last = seq)))

  // 办到第几条。第一次使用时没有：从现在开始，不补办以前的
  let last = localStorage.getItem('maqiao.seq')
  let queue = Promise.resolve()

  function listen() {
    const from = last === null ? '' : `?after=${last}`
    const socket = new WebSocket(`${api.replace(/^http/, 'ws')}/events${from}`, ['maqiao.v1', `bearer.${token}`])
    socket.onopen = () => tell('等待扫码')
    socket.onmessage = ({ data }) => {
      queue = queue.then(() => handle(JSON.parse(data))).catch((error) => tell(`没有办完：${error.message}`))
    }
    socket.onclose = async () => {
      tell('没有连上：核对地址、令牌和 allowedOrigins；正在重连')
      await wait(1000)
      await dropUnknownSeq()
      listen()
    }
  }

  async function handle({ type, seq, data: outcome }) {
    if (type === 'hello') return last === null && remember(seq)
    if (seq <= last) return                                   // 重连后补发的，已经办过
    if (type === 'outcome') {
      show(outcome)
      if (outcome.status === 'accepted') await finish(outcome)
    }
    remember(seq)
    if (type === 'outcome') localStorage.removeItem(`maqiao.result.${outcome.id}`)
  }

  async function finish(outcome) {
    const key = `maqiao.result.${outcome.id}`
    // 先记住办理结果再提交：此时关掉页面，下次只重交，不重办
    if (localStorage.getItem(key) === null) {
      localStorage.setItem(key, JSON.stringify(await register(outcome, `GH-${outcome.id}`)))
    }
    for (;;) {
      const reply = await fetch(`${api}/outcomes/${outcome.id}/result`, { method: 'POST', headers, body: localStorage.getItem(key) }).catch(() => undefined)
      if (reply?.status === 202) return tell('已提交结果')
      const { error } = (await reply?.json().catch(() => undefined)) ?? {}
      // 4xx 再交也一样（410：超过保存时间；409、400：内容不对），请操作员看；429、5xx（507：磁盘满）和断线过一会儿再交
      if (reply && reply.status < 500 && reply.status !== 429) return tell(`没有提交：${error?.message ?? reply.status}`)
      tell(`结果还没有交上，稍后再交${error ? `：${error.message}` : ''}`)
      await wait(1000)
    }
  }

  /** 终端的数据换过（重装、换机），序号接不上：从现在开始。 */
  async function dropUnknownSeq() {
    if (last === null) return
    const reply = await fetch(`${api}/outcomes?after=${last}&limit=1`, { headers }).catch(() => undefined)
    if (reply?.status === 400 && (await reply.json()).error.code === 'SEQ_UNKNOWN') last = null
  }

  listen()
}
