/** What the diagnostic screen says around and in all of its sections, in Chinese as it is written on the mainland. */

export const diagnosticsZhCn = {
  title: '诊断',

  sections: {
    overview: '总览',
    devices: '设备',
    camera: '摄像头',
    platforms: '平台',
    outbox: '上报',
    performance: '性能',
    settings: '设置',
    audit: '审计',
    support: '诊断包',
  },

  nav: '诊断分区',
  loading: '正在读取…',
  reload: '刷新',
  cancel: '取消',
  none: '无',
  copy: '复制',

  door: {
    headline: '技术人员入口',
    lead: '输入诊断口令',
    firstHeadline: '设置诊断口令',
    firstLead: '本机第一次使用诊断，请先设一个口令',
    pin: '口令（6 至 32 位数字）',
    again: '再输入一次',
    enter: '进入诊断',
    set: '设置并进入',
    differs: '两次输入不一致',
    digits: '只能是数字，至少 6 位',
    locked: (time: string) => `口令连续错误，${time} 后可再试`,
    notes: ['每次进入、修改、导出和重试都会写入审计。', '10 分钟不操作自动退出。', '忘记口令：由管理员删除数据目录中的 technician.json 后重设。'],
    back: '回到工作画面',
    ended: '诊断已自动退出，请重新输入口令',
  },

  head: {
    terminal: (id: string) => `${id} 号终端`,
    window: '窗口',
    kiosk: '自助机',
    version: (version: string) => `版本 ${version}`,
    live: '实时连接',
    lost: '连接中断，正在重连',
    leaving: (seconds: number) => `无操作，${seconds} 秒后退出`,
    lock: '锁定',
    leave: '回到工作画面',
    exit: '结束码桥',
    exitAgain: '再点一次，结束码桥',
    noHospital: '未设置医院名称',
  },

  form: {
    yes: '是',
    no: '否',
    none: '不填',
    required: '必填',
    byDefault: (value: string) => `缺省 ${value}`,
    kept: '已保存，不显示',
    keptFrom: (from: string) => `取自 ${from}`,
    notSet: '没有设置',
    removed: '保存后将删去',
    off: '未启用',
    turnOn: (name: string) => `启用 ${name}`,
    add: (name: string) => `添加 ${name}`,
    remove: (name: string) => `删去 ${name}`,
    putBack: (name: string) => `保留原来的 ${name}`,
    raw: 'JSON',
    why: '原因',
    whyHint: '写入审计；不要写患者信息',
    who: '操作人（可不填）',
    passphrase: '文件口令（至少 8 个字符）',
  },

  sizes: (bytes: number) =>
    bytes >= 1_073_741_824
      ? `${(bytes / 1_073_741_824).toFixed(1)} GB`
      : bytes >= 1_048_576
        ? `${(bytes / 1_048_576).toFixed(bytes >= 104_857_600 ? 0 : 1)} MB`
        : bytes >= 1024
          ? `${(bytes / 1024).toFixed(1)} KB`
          : `${bytes} 字节`,

  duration: (seconds: number) => {
    const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3600), Math.floor((seconds % 3600) / 60)]
    return days > 0 ? `${days} 天 ${hours} 小时` : hours > 0 ? `${hours} 小时 ${minutes} 分` : `${minutes} 分 ${seconds % 60} 秒`
  },

  keyPlaces: {
    file: '密钥文件',
    systemd: 'systemd 凭据',
    settings: '设置文件',
    env: '环境变量',
    'key-store': '系统密钥库',
  } as Record<string, string>,
  signNames: { good: '正常', warn: '留意', bad: '异常', busy: '进行中', off: '未启用' },
}
