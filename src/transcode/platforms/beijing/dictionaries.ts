/** 北京 4.1.2: the one 证件类型 that the document names. */
export const CARD_TYPES = { '01': '身份证' } as const satisfies Record<string, string>

/** A face matches when its similarity is greater than this, strictly (4.2.2.2.2). */
export const FACE_THRESHOLD = '0.7'
