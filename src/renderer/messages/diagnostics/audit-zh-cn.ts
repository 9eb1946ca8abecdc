/** What the diagnostic screen says of the audit. */

export const auditZhCn = {
  whole: (entries: number) => `审计链完整，共 ${entries} 条`,
  broken: (line: number, file = '') => `审计链在${file && ` ${file} `}第 ${line} 行断开`,
  wholeLead: '每条记录都用本机密钥与前一条相连（HMAC-SM3）',
  verify: '重新校验',
  filter: '在记录中查找',
  seq: '序号',
  at: '时间',
  who: '操作人',
  what: '动作',
  detail: '内容',
  empty: '没有符合的记录',
  latest: '最近 500 条，新的在前',
}
