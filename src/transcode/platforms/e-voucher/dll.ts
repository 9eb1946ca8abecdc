/** Decodes through the insurance DLL, in a process of its own that is ended when it hangs. */
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseExactJson } from '../../crypto/exact-json.ts'
import { isRecord } from '../../is-record.ts'
import { PlatformError } from '../platform-error.ts'
import type { PlatformTools } from '../platform.ts'
import { transportError } from '../transport-error.ts'
import { isGarbled } from '../valid-reply.ts'
import { ownError, refusal } from './codes.ts'
import type { Decoder } from './decoder.ts'
import type { DllAnswer, DllCall } from './dll-call.ts'
import type { EVoucherSettings } from './settings.ts'

/** Beside this file when run from source, in `out/` when bundled into one of its folders. */
const RUNNERS = ['./dll-runner.ts', '../dll-runner.js', './dll-runner.js']

/** Where libraries, their configuration and the user's folders are found, on Linux and on Windows. */
const LIBRARY_NEEDS =
  /^(PATH|PATHEXT|LD_LIBRARY_PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SystemRoot|SystemDrive|windir|ComSpec|APPDATA|LOCALAPPDATA|ProgramData|ProgramFiles.*|USERPROFILE|USERNAME|USER)$/i

/**
 * Makes the decoder. Calls wait for one another; each has its own process. The
 * DLL reads the scanner itself, so the scanner is lent to it for the call and
 * taken back however the call ends.
 */
export function createDll(settings: EVoucherSettings, tools: Pick<PlatformTools, 'lend' | 'log'>): Decoder {
  let last: Promise<unknown> = Promise.resolve()

  async function decode(
    message: Record<string, unknown>,
    signal: AbortSignal | undefined,
  ): Promise<Record<string, unknown>> {
    if (signal?.aborted) throw transportError('e-voucher', 'REQUEST_ABORTED', { sent: false })
    // Some 300 KB of tables that no terminal without such a DLL should load.
    const { default: iconv } = await import('iconv-lite')
    const giveBack = await lent(tools)
    try {
      const input = iconv.encode(JSON.stringify(message), settings.encoding).toString('base64')
      const call = { library: resolve(settings.dll ?? ''), symbol: settings.symbol, input }
      const answer = await answerOf(call, settings.requestTimeoutMs, signal)
      if (answer.kind !== 'done') throw ownError(FAULTS[answer.kind])
      return objectOf(iconv.decode(Buffer.from(answer.output, 'base64'), settings.encoding), answer.returned)
    } catch (error) {
      if (error instanceof PlatformError) tools.log('dll-fault', { code: error.fault.code })
      throw error
    } finally {
      giveBack()
    }
  }

  return {
    decode(message, { signal }) {
      const mine = last.then(() => decode(message, signal))
      last = mine.catch(() => {})
      return mine
    },
  }
}

const FAULTS = { missing: 'DLL_MISSING', symbol: 'DLL_SYMBOL', overrun: 'DLL_OVERRUN' } as const

async function lent({ lend }: Pick<PlatformTools, 'lend'>): Promise<() => void> {
  try {
    return (await lend?.('医保动态库读取医保电子凭证')) ?? (() => {})
  } catch {
    throw ownError('SCANNER_NOT_LENT')
  }
}

/** Resolves once the process is gone, so that it no longer holds the scanner. */
function answerOf(call: DllCall, timeoutMs: number, signal: AbortSignal | undefined): Promise<DllAnswer> {
  return new Promise((done, fail) => {
    const child = fork(runnerPath(), [], {
      // Vendors' libraries look for their configuration beside themselves.
      cwd: existsSync(dirname(call.library)) ? dirname(call.library) : undefined,
      env: libraryEnvironment(),
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    let ending: DllAnswer | PlatformError = ownError('DLL_CRASHED')
    const end = (reason: DllAnswer | PlatformError) => {
      ending = reason
      child.kill('SIGKILL')
    }
    const abort = () => end(transportError('e-voucher', 'REQUEST_ABORTED'))
    const timer = setTimeout(() => end(ownError('DLL_TIMEOUT')), timeoutMs)
    signal?.addEventListener('abort', abort, { once: true })
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      if (ending instanceof PlatformError) fail(ending)
      else done(ending)
    }
    child.once('message', (answer) => end(answer as DllAnswer))
    child.once('exit', finish)
    child.once('error', finish)
    child.send(call, () => {
      // A process that ended before it was asked says so by its exit.
    })
  })
}

// The settings' secrets may stand in the environment; a vendor's library has no business with them.
function libraryEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => LIBRARY_NEEDS.test(name))
  return { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: '1' }
}

function runnerPath(): string {
  const paths = RUNNERS.map((name) => fileURLToPath(new URL(name, import.meta.url)))
  return paths.find((path) => existsSync(path)) ?? paths[0]!
}

function objectOf(text: string, returned: number): Record<string, unknown> {
  let value: unknown
  try {
    value = parseExactJson(text)
  } catch {
    value = undefined
  }
  if (isRecord(value)) return value
  if (returned !== 0) throw refusal(String(returned), undefined)
  const fault = text.trim() === '' ? 'REPLY_EMPTY' : isGarbled(text) ? 'REPLY_CHARSET' : 'REPLY_NOT_JSON'
  throw transportError('e-voucher', fault, { answered: true })
}
