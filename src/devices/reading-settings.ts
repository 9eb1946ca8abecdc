/** Settings that every scanner of bytes has: where a code ends, how it is written, what is taken off it. */
import { z } from 'zod'

/** Short English reasons in place of zod's own: `required` where nothing stands, else `must be …`. */
export function reason(wanted: string) {
  return {
    error: (issue: { code?: string; input?: unknown; keys?: string[] }) => {
      if (issue.code === 'unrecognized_keys') return `must not have ${issue.keys?.join(', ')}`
      return issue.input === undefined ? 'required' : `must be ${wanted}`
    },
  }
}

export const readingFields = {
  /** `auto`: CR, LF, CRLF or ETX; `none`: only the idle gap; else the characters themselves. */
  terminator: z.string(reason('auto, none or 1 to 8 characters')).min(1, 'must not be empty').max(8, 'must have at most 8 characters').default('auto').describe('结束符：auto 认 CR、LF、CRLF、ETX，none 只看停顿，其余为字符本身；缺省即可，除非扫码枪设了别的'),
  /** Silence that ends a code without a terminator, ms. */
  idleMs: z.int(reason('a whole number')).min(5, 'must be at least 5').max(5000, 'must be at most 5000').default(50).describe('没有结束符时，停顿多久算一个码结束，毫秒；长码被截成两段时加大'),
  encoding: z.enum(['auto', 'utf8', 'gbk'], reason('auto, utf8 or gbk')).default('auto').describe('汉字编码：auto 自动判断；汉字成乱码时指定'),
  /** Characters that the scanner was told to put before or after every code. */
  prefix: z.string(reason('text')).max(32, 'must have at most 32 characters').default('').describe('扫码枪加在每个码前面的字符，读到后去掉；“扫码枪体检”会说出来'),
  suffix: z.string(reason('text')).max(32, 'must have at most 32 characters').default('').describe('加在每个码后面的字符（结束符除外），读到后去掉'),
}
