/** What the agent and the process that holds the DLL say to each other. */

/** What vendors' headers ask for, bytes, the final NUL included. */
export const OUTPUT_BYTES = 8192

export type DllCall = { library: string; symbol: string; /** Base64, without its final NUL. */ input: string }

export type DllAnswer =
  | { kind: 'done'; returned: number; /** Base64, up to the first NUL. */ output: string }
  | { kind: 'missing' }
  | { kind: 'symbol' }
  | { kind: 'overrun' }
