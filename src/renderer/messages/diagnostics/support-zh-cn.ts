/** What the diagnostic screen says of the support bundle. */

export const supportZhCn = {
  headline: (files: number, size: string) => `诊断包：${files} 个文件，${size}`,
  lead: '不含患者信息、密钥和上报内容',
  make: '保存诊断包',
  made: (name: string) => `已保存 ${name}`,
  contents: '包里有什么',
  file: '文件',
  what: '内容',
  bytes: '大小',
  log: '最近日志',
  logNote: '已脱敏；包里的日志与此相同',
  logFilter: '在日志中查找',
  empty: '没有日志',
}
