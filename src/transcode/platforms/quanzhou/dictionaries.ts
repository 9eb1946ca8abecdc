/** 泉州 附录3 and the tables of chapter 3: codes with their words. */

/** 单位性质 enttype */
export const ENTERPRISE_TYPES = {
  '10': '企业',
  '30': '机关',
  '50': '事业单位',
  '55': '全额拨款事业单位',
  '56': '差额拨款事业单位',
  '57': '自收自支事业单位',
  '70': '社会团体',
  '80': '个体工商户（有雇工的）',
  '91': '民办非企业单位',
  '93': '基金会',
  '97': '境外非政府组织驻华代表机构',
  '99': '其他',
} as const satisfies Record<string, string>

/** 证件类型 idtype: `cert_type` of the interfaces. */
export const ID_TYPES = {
  '01': '居民身份证（户口簿）',
  '02': '中国人民解放军军官证',
  '03': '中国人民武装警察警官证',
  '04': '香港特区护照/港澳居民来往内地通行证',
  '05': '澳门特区护照/港澳居民来往内地通行证',
  '06': '台湾居民来往大陆通行证',
  '07': '外国人永久居留证',
  '08': '外国人护照',
  '09': '残疾人证',
  '10': '军烈属证明',
  '11': '外国人就业证',
  '12': '外国专家证',
  '13': '外国人常驻记者证',
  '14': '台港澳人员就业证',
  '15': '回国（来华）定居专家证',
  '16': '中国护照',
  '17': '港澳台居民居住证',
  '90': '社会保障卡',
  '99': '其他身份证件',
  '990102': '扶贫人口编码',
  '990201': '医学出生证明',
  '9902': '保密人员证件',
  '9901': '暂住证',
} as const satisfies Record<string, string>

/** 性别 sex */
export const SEXES = { '0': '未知', '1': '男', '2': '女', '9': '未说明性别' } as const satisfies Record<string, string>

/** 人员参保状态 insuredstatus */
export const INSURED_STATUSES = { '1': '参保缴费', '2': '暂停缴费', '3': '终止缴费' } as const satisfies Record<
  string,
  string
>

/** 参保身份 billingstatus */
export const BILLING_STATUSES = {
  '01': '在职人员',
  '02': '退休人员',
  '03': '外来工、农民工',
  '04': '非编在职人员',
  '05': '在职享受公务员补助人员',
  '06': '退休享受公务员补助人员',
  '07': '临时工',
  '09': '灵活就业人员',
  '10': '灵活就业退休人员',
  '99': '其他',
} as const satisfies Record<string, string>

/** 签名方式 signType: how each works, or why it cannot. */
export const SIGN_TYPES = ['MD5', 'SM3', 'SM2'] as const

/** 加解密方式 encType. */
export const ENC_TYPES = ['AES', 'SM4', 'none'] as const

/** Named in the dictionaries without a word on keys, padding or modes. */
export const UNDESCRIBED_TYPES: readonly string[] = ['RSA', 'PKCS7']
