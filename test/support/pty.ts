/** A tty pair that stands for a scanner's cable: the real serialport opens one end, the test writes to the other. */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, symlinkSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import koffi from 'koffi'

export type Pty = {
  /** What the product opens; the same after every `plug`. */
  readonly path: string
  /** Resolves when the kernel has taken the bytes: a reader that is slow holds it up. */
  write(data: string | Uint8Array): Promise<void>
  /** Writes `bytesAtOnce` (default 1) bytes each `ms` (default 1) milliseconds, as a slow scanner does. */
  writePaced(data: string | Uint8Array, ms?: number, bytesAtOnce?: number): Promise<void>
  /** All that the product has written to the scanner. */
  received(): Buffer
  /** Pulls the cable: the reader's descriptor hangs up and the path is gone. */
  unplug(): Promise<void>
  /** Plugs it in again: another tty behind the same path. */
  plug(): Promise<void>
  /** Unplugs for good and removes the folder of the path. */
  close(): Promise<void>
}

type Ends = { readonly master: number; readonly holder: number; readonly reading: NodeJS.Timeout }

/** Plugs a scanner in; `path` may be given where the test wants a name of its own (its folder must exist). */
export async function createPty(options: { path?: string } = {}): Promise<Pty> {
  const folder = options.path === undefined ? mkdtempSync(join(tmpdir(), 'maqiao-tty-')) : undefined
  const path = options.path ?? join(folder!, 'ttyUSB0')
  let ends: Ends | undefined
  const received: Buffer[] = []

  const plug = async (): Promise<void> => {
    ends ??= openEnds((bytes) => received.push(bytes), path)
  }
  const unplug = async (): Promise<void> => {
    if (!ends) return
    const { master, holder, reading } = ends
    ends = undefined
    clearInterval(reading)
    unlinkSync(path)
    closeSync(master)
    closeSync(holder)
  }
  const write = async (data: string | Uint8Array): Promise<void> => {
    let rest = Buffer.from(data)
    while (rest.length > 0) {
      const taken = writeSome((ends ?? raise()).master, rest)
      rest = rest.subarray(taken)
      if (rest.length > 0) await sleep(1)
    }
  }

  await plug()
  return {
    path,
    write,
    async writePaced(data, ms = 1, bytesAtOnce = 1) {
      const bytes = Buffer.from(data)
      for (let at = 0; at < bytes.length; at += bytesAtOnce) {
        if (at > 0) await sleep(ms)
        await write(bytes.subarray(at, at + bytesAtOnce))
      }
    },
    received: () => Buffer.concat(received),
    unplug,
    plug,
    async close() {
      await unplug()
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

const libc = koffi.load(null)
const posixOpenpt = libc.func('int posix_openpt(int flags)')
const unlockpt = libc.func('int unlockpt(int fd)')
const ptsname = libc.func('str ptsname(int fd)')

function openEnds(onBytes: (bytes: Buffer) => void, path: string): Ends {
  // Non-blocking: product and test share one process, and a blocked writer would keep the reader from reading.
  const master = posixOpenpt(constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK) as number
  if (master < 0 || unlockpt(master) !== 0) throw new Error('no pty to be had')
  const far = ptsname(master) as string
  // Without an open far end the near one reads EIO.
  const holder = openSync(far, constants.O_RDWR | constants.O_NOCTTY)
  execFileSync('stty', ['-F', far, 'raw', '-echo'])
  const buffer = Buffer.alloc(4096)
  const reading = setInterval(() => {
    const length = orNone(() => readSync(master, buffer))
    if (length > 0) onBytes(Buffer.from(buffer.subarray(0, length)))
  }, 5).unref()
  symlinkSync(far, path)
  return { master, holder, reading }
}

function writeSome(master: number, bytes: Buffer): number {
  return orNone(() => writeSync(master, bytes))
}

function orNone(transfer: () => number): number {
  try {
    return transfer()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
}

function raise(): never {
  throw new Error('the scanner of this test is unplugged')
}
