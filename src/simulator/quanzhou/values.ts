/** The values of 泉州's tables: Decimal, DateTime and Bit. */

/** yyyyMMdd of a day or moment, however it was written. */
export function dayOf(moment: unknown): string {
  return String(moment).replace(/\D/g, '').slice(0, 8)
}

/** A Bit: 0 or 1, as number, text or boolean; undefined where it is none. */
export function ownOf(value: unknown): boolean | undefined {
  if (value === 1 || value === '1' || value === true) return true
  return value === 0 || value === '0' || value === false ? false : undefined
}

/** Yuan with at most two places -> 分. */
export function inFen(value: unknown): bigint {
  const [yuan, part = ''] = String(value).split('.')
  return BigInt(yuan as string) * 100n + BigInt(part.padEnd(2, '0'))
}

/** 分 -> yuan with two places. */
export function inYuan(fen: bigint): string {
  return `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`
}

/** `2018-10-02 16:36:57` in China's time, in which the platform lives. */
export function timeText(at: number): string {
  return new Date(at + 8 * 3600_000).toISOString().slice(0, 19).replace('T', ' ')
}
