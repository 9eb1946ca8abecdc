/** What the kiosk says where a patient registers a card, in Chinese as it is written on the mainland. */

export const kioskRegisterZhCn = {
  entry: '没有健康卡，建一张',
  who: {
    headline: '给谁建健康卡？',
    lead: '请带上身份证，新生儿带出生医学证明',
    note: '填写的内容只用来建卡，照片不保存。您离开后，屏幕上的内容会自动清除。',
    self: '给我自己',
    family: '给家人',
    newborn: '给新生儿',
  },
  photo: {
    headline: '请拍身份证',
    lead: '有照片的一面对着镜头，四角都在画面里',
    video: '镜头画面',
    take: '拍照',
    byHand: '不拍了，自己填',
  },
  reading: { headline: '正在认字，请稍候', lead: '认好后请您核对' },
  check: {
    headline: '请核对这些内容',
    lead: '按一下就能改，要和证件一样',
    missing: '还没有填',
    send: '没有错，建卡',
    fill: '填下一项',
  },
  sending: { headline: '正在建卡，请稍候', lead: '请不要离开' },
  fields: { name: '姓名', idNumber: '身份证号码', gender: '性别', nation: '民族', birthday: '出生日期', phone1: '手机号' },
  certificate: '出生医学证明编号',
  guardianPhone: '监护人手机号',
  entries: {
    headline: (field: string) => `请填${field}`,
    name: '和证件上的一样',
    idNumber: '18 位，末位可能是 X',
    certificate: '证明右上角的字母和数字',
    gender: '和证件上的一样',
    nation: '如汉族、回族',
    birthday: '年月日 8 位，如 19880102',
    phone1: '11 位手机号',
    done: '填好了',
    back: '返回',
    clear: '清除',
    male: '男',
    female: '女',
  },
  problems: {
    fields: { headline: '有内容对不上', lead: '请对着证件检查名字和号码，改好再试' },
    phone: { headline: '手机号已经用过', lead: '它已领过健康卡；替家人建卡，请换一个手机号' },
    photo: { headline: '没有认出来', lead: '请重新拍，不要反光；也可以自己填' },
    photoLater: { headline: '现在认不了照片', lead: '请自己填写，一样能建卡' },
    later: { headline: '没有收到答复', lead: '请再试一次，不会多建一张卡' },
    hasCard: { headline: '这个证件已经有卡', lead: '不用再建，在微信里搜“电子健康卡”就能看到' },
    frozen: { headline: '这张卡停用了', lead: '请在健康卡小程序里重新启用，或者到人工窗口' },
    full: { headline: '绑定的人数满了', lead: '请在健康卡小程序里解绑不用的人，或者到人工窗口' },
    counter: { headline: '请到人工窗口建卡', lead: '本机这次办不了，请带上证件' },
  },
  again: '再试一次',
}

/** What 3.2.2 takes in any language: its 性别, and the 民族 that most have. */
export const CARD_WORDS = { male: '男', female: '女', nation: '汉族' } as const

export type Problem = keyof typeof kioskRegisterZhCn.problems
