/** Every word that the kiosk says to a patient, in Chinese as it is written on the mainland. */
import { kioskEndingsZhCn } from './kiosk-endings-zh-cn.ts'
import { kioskRegisterZhCn } from './kiosk-register-zh-cn.ts'

export const kioskZhCn = {
  htmlLang: 'zh-CN',
  noHospital: '自助扫码',

  tools: {
    label: '显示与帮助',
    language: 'English',
    elder: '长辈版',
    elderOff: '标准版',
    contrast: '高对比',
    contrastOff: '普通颜色',
    voice: '语音提示',
    silent: '已静音',
    call: '叫工作人员',
  },

  time: {
    back: (seconds: number) => `${seconds} 秒后回到首页`,
    soon: '还在使用吗？',
    more: '我还要用',
    spoken: '还在使用吗？需要更多时间，请按屏幕下方的“我还要用”。',
  },

  attract: {
    headline: '请按屏幕开始',
    lead: '出示手机二维码，就能核对身份',
    start: '按这里',
  },

  welcome: {
    headline: '请先打开您的就诊码',
    lead: '不知道怎么打开？按您要用的码',
    leadElder: '在手机上打开二维码，再按下面的大按钮',
    ready: '码已打开，去扫码',
    teach: '教我打开二维码',
    nocode: '没有手机或二维码',
    privacy: '本机只读取二维码来核对您的身份，画面不拍照、不保存。您离开后，屏幕上的内容会自动清除。',
    closedHeadline: '本机暂时不能扫码',
    closedLead: '工作人员会尽快处理，请先到人工窗口办理',
  },

  codes: {
    ankang: { name: '安康码', where: '皖事通 App' },
    'card-wechat': { name: '电子健康卡', where: '微信' },
    'voucher-wechat': { name: '医保电子凭证', where: '微信' },
    'voucher-alipay': { name: '医保电子凭证', where: '支付宝' },
    yuejiantong: { name: '粤健通', where: '微信小程序' },
  },

  pictures: {
    wechat: '微信',
    alipay: '支付宝',
    alipaySign: '支',
    wanshitong: '皖事通',
    wanshitongSign: '皖',
    yuejiantong: '粤健通',
    yuejiantongSign: '粤',
    search: '搜索',
    me: '我',
    services: '服务',
    medical: '医疗健康',
    voucher: '医保码',
    card: '电子健康卡',
    ankang: '安康码',
    scanHere: '二维码对准这里',
  },

  guide: {
    headline: (name: string) => `怎样打开${name}`,
    lead: (where: string) => `在${where}里，一共三步`,
    of: (number: number, count: number) => `第 ${number} 步，共 ${count} 步`,
    previous: '上一步',
    next: '下一步',
    done: '打开了，去扫码',
    other: '换一种码',
    pickHeadline: '您要打开哪一个码？',
    pickLead: '按一下您常用的',
    steps: {
      ankang: ['打开“皖事通”App', '在首页点“安康码”', '看到二维码，把屏幕调亮'],
      'card-wechat': ['打开微信，点上方的搜索', '输入“电子健康卡”，点开小程序', '点您的卡，看到二维码，把屏幕调亮'],
      'voucher-wechat': ['打开微信，点右下角“我”，再点“服务”', '点“医疗健康”，再点“医保码”', '看到二维码，把屏幕调亮'],
      'voucher-alipay': ['打开支付宝，点上方的搜索', '输入“医保码”，点第一个', '看到二维码，把屏幕调亮'],
      yuejiantong: ['打开微信，点上方的搜索', '输入“粤健通”，点开小程序', '打开本院的码，把屏幕调亮'],
    },
  },

  scan: {
    headline: '请对准二维码',
    cameraLead: '手机屏幕朝向镜头，离开约一个手掌',
    scannerLead: '手机屏幕朝向扫码口，听到声音就好了',
    guidance: {
      starting: '正在打开镜头，请稍候',
      searching: '把二维码放进框里',
      far: '太远了，请靠近一点',
      dark: '太暗了，请把手机屏幕调亮',
      dim: '手机屏幕太暗，请调到最亮',
      bright: '反光了，请把手机转个角度',
      unclear: '看到码了，请拿稳别动',
      ready: '读到了',
    },
    /** What is in view and not taken, by its code. */
    notices: {
      CODE_PART: (at: number, of: number) => `这是第 ${at}/${of} 部分，请再出示其余部分`,
      CODE_SEVERAL_PATIENTS: () => '画面里有两个人的码，请只留一个人的',
    },
    scannerTips: ['屏幕调到最亮', '隔一个手掌远', '拿稳，停两秒'],
    lostHeadline: '镜头暂时看不到画面',
    lostLead: '正在自动恢复；您也可以到人工窗口办理',
    back: '回到首页',
    teach: '教我打开二维码',
    video: '镜头画面',
  },

  working: {
    headline: '正在核对，请稍候',
    lead: '先别关掉手机上的二维码',
    slowHeadline: '还在等答复，请稍候',
    slowLead: '今天人比较多，再等一会儿就好',
    leave: '不等了，回首页',
  },

  accepted: {
    headline: '核对好了',
    lead: '请看看是不是您本人',
    handedHeadline: '已读到您的码',
    handedLead: '不用再扫，可以去办理了',
    adviceHeadline: '请先找工作人员',
    adviceLead: '请在原处稍等，工作人员会告诉您怎么走',
    yellowLead: '请先到预检分诊台，工作人员会告诉您怎么走',
    name: '姓名',
    idNumber: '证件号码',
    notSelf: '您正在替家人办理，请核对名字',
    next: '接下来',
    nextPlain: '请到服务窗口，继续办理',
    nextStep: (step: string) => `请继续办理：${step}`,
    nextPlace: (department: string, step: string) => `请到${department}，办理${step}`,
    done: '知道了，我走了',
    wrong: '不是我',
    showCard: '显示我的电子健康卡',
    goOn: '转到手机上继续',
  },

  /** 用卡环节 by its code; one that is not here keeps the terminal's own word. */
  steps: {} as Record<string, string>,
  /** Target types by the end of their number; one that is not here keeps the platform's own word. */
  targets: {} as Record<string, string>,

  choose: {
    headline: '请选一个来用',
    lead: '您有几个可用的码，按一下要用的',
    back: '都不是，回首页',
  },

  endings: kioskEndingsZhCn,

  register: kioskRegisterZhCn,

  ending: {
    remedy: '您可以这样做',
    rescan: '刷新好了，再扫一次',
    rescanPlain: '再扫一次',
    teach: '教我打开就诊码',
    instead: '看看还能用什么',
    call: '叫工作人员来',
    back: '回到首页',
  },

  noCode: {
    headline: '没有二维码也能办',
    lead: '带着下面任何一样，到人工窗口就可以',
    items: [
      { picture: 'id-card', name: '身份证', note: '户口本、护照也可以' },
      { picture: 'insurance-card', name: '社保卡', note: '看病报销要用' },
      { picture: 'hospital-card', name: '就诊卡', note: '本院以前办过的卡' },
    ],
    family: '什么都没带？告诉工作人员姓名和身份证号码，或者请家人帮您出示。',
    call: '叫工作人员来',
    back: '回到首页',
  },

  card: {
    headline: '我的电子健康卡',
    lead: '请在需要时把这个码给医生或机器扫',
    mark: '居民健康卡',
    wait: '正在取码，请稍候',
    fresh: (seconds: number) => `${seconds} 秒后自动换新码`,
    failed: '暂时取不到码，正在再试',
    refused: '现在出不了码，请用手机里的健康卡',
    own: '只给医院人员扫，不要拍照发给别人',
    back: '看好了',
  },

  phone: {
    headline: '用手机继续办理',
    lead: '用手机上的“扫一扫”，对准下面的码',
    own: '这个码只属于您，扫完就离开本页',
    back: '扫好了',
  },

  call: {
    headline: '请求帮助',
    states: {
      sending: { headline: '正在通知工作人员', lead: (_place: string) => '本机正在响铃，请留在这里' },
      told: { headline: '已通知工作人员', lead: (_place: string) => '请留在这里稍候' },
      seen: { headline: '工作人员看到了', lead: (_place: string) => '请留在这里稍候' },
      failed: { headline: '没有通知到工作人员', lead: (place: string) => `请到${place || '人工窗口'}，或者向工作人员招手` },
      local: { headline: '本机正在响铃', lead: (place: string) => `请向工作人员招手，或者到${place || '人工窗口'}` },
    },
    sign: (number: number) => `求助 ${number} 号`,
    terminal: (id: string) => `机器编号 ${id}`,
    ring: '再响一次',
    stop: '不用了，谢谢',
    spoken: (id: string) => `${id} 号机器有人需要帮助`,
    spokenPlain: '这台机器有人需要帮助，请过来看一看',
  },

  offline: {
    headline: '本机正在恢复',
    lead: '一般一分钟内就好，请稍等',
    remedy: '着急的话，请先到人工窗口办理。您扫过的内容不会丢。',
  },

  pin: {
    title: '技术人员口令',
    lead: '患者请按“关闭”',
    close: '关闭',
    enter: '进入',
    clear: '清除',
    digits: (count: number) => `已输入 ${count} 位`,
    wrong: '口令不对，请重新输入',
    locked: (minutes: number) => `已锁定，请 ${minutes} 分钟后再试`,
    notSet: '还没有设置口令，请在终端的诊断页设置',
    failed: '终端没有答复，请稍后再试',
  },
}

export type KioskWords = typeof kioskZhCn
export type CodeKind = keyof KioskWords['codes']
