/**
 * 自助建卡：识别 → 核对 → 注册 → 绑定。回答 { qrCodeText, bound }，患者放弃时 undefined；平台拒绝时抛出，error.advice 可直接显示。
 *   picture                身份证正面照片的 Base64（可带 data: 头）；没有身份证的新生儿不给
 *   check(fields, problem) 请患者核对、补全，回答 { name, gender, nation, birthday, idNumber, idType, phone1 }；problem 是识别或上次提交的错误
 *   patidOf(person)        你的业务：在 HIS 建档（已有的查出来），回答院内 ID；没有时不绑定
 */
async function registerCard({ api, token, picture, check, patidOf }) {
  async function call(operation, body) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const reply = await fetch(`${api}/platforms/health-card/${operation}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const answer = await reply.json()
    if (!reply.ok) throw Object.assign(new Error(answer.error.message), answer.error)
    return answer
  }

  let fields = { idType: '01' }
  let problem
  if (picture) {
    // 识别不了不要紧：请患者手工填写
    const { cardInfo } = await call('ocrInfo', { imageContent: picture }).catch((error) => ((problem = error), {}))
    if (cardInfo) {
      const { name, gender, nation, birth, id, address } = cardInfo
      fields = { ...fields, name, gender, nation, birthday: birth, idNumber: id, address }
    }
  }

  for (;;) {
    const person = await check(fields, problem)
    if (!person) return undefined
    try {
      const { qrCodeText } = await call('registerHealthCard', person)       // 已有卡的得到原来那一张
      const patid = await patidOf(person)
      // 绑定不成，卡也能用：以后可以再绑
      const bound = patid ? await call('bindCardRelation', { patid, qrCodeText }).then(({ result }) => result, () => false) : false
      return { qrCodeText, bound }
    } catch (error) {
      // 400、422：填写的内容要改（10015、-10026、10056…）；retryable：同样的内容可以再交
      if (!error.fields && !error.retryable && error.code !== '10015' && error.code !== '10056' && !/^-100(22|26|27)$/.test(error.code)) throw error
      fields = person
      problem = error
    }
  }
}
