/** What the kiosk says where a scan did not succeed, in Chinese as it is written on the mainland. */

export const kioskEndingsZhCn = {
  payment: {
    headline: '这是付款码',
    lead: '付款码不能用来看病，请先收起来',
    remedy: '请打开电子健康卡、安康码或医保电子凭证。付款码没有被保存。',
  },
  unknown: {
    headline: '这个码不能用在这里',
    lead: '它不是就诊用的码，可能是别的二维码',
    remedy: '请打开电子健康卡、安康码或医保电子凭证，再扫一次。',
  },
  expired: {
    headline: '这个码过期了',
    lead: '二维码只能用一次，一会儿就会失效',
    remedy: '请在手机上刷新二维码，再扫一次。',
  },
  refused: {
    headline: '这个码没有通过',
    lead: '可能已经失效，刷新一下常常就好了',
    remedy: '请在手机上刷新二维码，再扫一次；还不行，请用身份证办理。',
  },
  noCard: {
    headline: '没有查到您的卡',
    lead: '您可能还没有领这张电子卡',
    remedy: '请先在手机上领卡，或者用身份证、社保卡办理。',
  },
  frozen: {
    headline: '您的电子卡停用了',
    lead: '这张卡已被冻结或注销',
    remedy: '请在健康卡小程序里重新启用；今天先用身份证办理。',
  },
  identity: {
    headline: '身份没有核对上',
    lead: '手机里登记的名字或证件可能与系统不一样',
    remedy: '请带上身份证，到人工窗口核对一下。',
  },
  identityLater: {
    headline: '身份还没核对完',
    lead: '核对系统这会儿没有给出结果',
    remedy: '请在手机上刷新二维码，再扫一次；还不行，请用身份证办理。',
  },
  full: {
    headline: '绑定的人数满了',
    lead: '这个微信绑定的就诊人已经到了上限',
    remedy: '请在健康卡小程序里解绑不用的人，或者用身份证办理。',
  },
  notOffered: {
    headline: '本机还不能用这种码',
    lead: '您的码没有问题，只是本机没有开通',
    remedy: '请换一种码，或者用身份证、社保卡办理。',
  },
  network: {
    headline: '网络暂时不通',
    lead: '您的码没有问题',
    remedy: '请过一会儿再扫；着急的话，请到人工窗口办理。',
  },
  slow: {
    headline: '等了太久没有答复',
    lead: '您的码没有问题，但可能已经用过一次',
    remedy: '请在手机上刷新二维码，再扫一次。',
  },
  busy: {
    headline: '系统这会儿很忙',
    lead: '您的码没有问题',
    remedy: '请稍等一分钟，刷新二维码再扫；着急的话，请到人工窗口办理。',
  },
  terminal: {
    headline: '本机暂时办不了',
    lead: '您的码没有问题，是本机需要检查',
    remedy: '请到人工窗口办理，或者按“叫工作人员”。',
  },
  incomplete: {
    headline: '没有读完整',
    lead: '手机可能动了一下',
    remedy: '请把手机拿稳，再扫一次。',
  },
}

export type EndingFamily = keyof typeof kioskEndingsZhCn
