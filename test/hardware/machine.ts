/** The machine with virtual USB: qemu, what it says, and the hands that plug and scan. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const HERE = import.meta.dirname
const REPO = join(HERE, '../..')

export type GuestEvent = { readonly event: string; readonly device?: string; readonly state?: string; readonly text?: string; readonly aim?: string; readonly fault?: string }

export type Machine = {
  /** All that the guest has said so far. */
  readonly events: GuestEvent[]
  /** Resolves with the first event from `from` on that fits; rejects after `limitMs` (default 30 000). */
  until(fits: (event: GuestEvent) => boolean, from?: number, limitMs?: number): Promise<GuestEvent>
  ask(verb: string, words?: Record<string, string>): Promise<unknown>
  /** A command of qemu's own protocol (QMP). */
  qmp(execute: string, words?: object): Promise<unknown>
  /** The scanner's end of the USB serial adapter; connecting plugs it in, destroying pulls it out. */
  plugSerial(): Promise<Socket>
  stop(): Promise<void>
}

/** Builds the image where it is missing or old (half a minute and 200 MB), boots it, and waits for its first words. */
export async function startMachine(image = process.env.MAQIAO_HARDWARE_IMAGE ?? join(tmpdir(), 'maqiao-hardware')): Promise<Machine> {
  if (!isBuilt(image)) execFileSync(join(HERE, 'build-image.sh'), [image], { stdio: ['ignore', 'inherit', 'inherit'] })
  const run = mkdtempSync(join(tmpdir(), 'maqiao-machine-'))
  const qemu = startQemu(image, run)
  const events: GuestEvent[] = []
  const waiting = new Set<() => void>()
  const answers = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let asked = 0

  const socket = async (name: string): Promise<Socket> => {
    for (let attempt = 0; attempt < 400; attempt++, await sleep(25)) {
      const one = await new Promise<Socket | undefined>((resolve) => {
        const candidate = connect(join(run, name), () => resolve(candidate)).on('error', () => resolve(undefined))
      })
      if (one) return one
    }
    throw new Error(`qemu offers no ${name}`)
  }

  const control = await socket('control')
  createInterface({ input: control }).on('line', (line) => {
    const message = JSON.parse(line) as GuestEvent & { answer?: number; value?: unknown; error?: string }
    if (message.answer !== undefined) {
      const waiter = answers.get(message.answer)
      answers.delete(message.answer)
      if (message.error === undefined) waiter?.resolve(message.value)
      else waiter?.reject(new Error(message.error))
      return
    }
    events.push(message)
    for (const look of waiting) look()
  })
  const monitor = await socket('qmp')
  const replies: ((message: { return?: unknown; error?: { desc: string } }) => void)[] = []
  createInterface({ input: monitor }).on('line', (line) => {
    const message = JSON.parse(line)
    if ('return' in message || 'error' in message) replies.shift()?.(message)
  })

  const machine: Machine = {
    events,
    until(fits, from = 0, limitMs = 30_000) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const found = events.slice(from).find(fits)
          if (!found) return
          clearTimeout(limit)
          waiting.delete(look)
          resolve(found)
        }
        const limit = setTimeout(() => {
          waiting.delete(look)
          const heard = JSON.stringify(events.slice(from).slice(-20))
          const console = readFileSync(join(run, 'console.log'), 'utf8').split('\n').slice(-15).join('\n')
          reject(new Error(`waited ${limitMs} ms, heard ${heard}\n${console}`))
        }, limitMs)
        waiting.add(look)
        look()
      })
    },
    ask: (verb, words = {}) =>
      new Promise((resolve, reject) => {
        const id = ++asked
        answers.set(id, { resolve, reject })
        control.write(`${JSON.stringify({ id, verb, ...words })}\n`)
      }),
    qmp: (execute, words = {}) =>
      new Promise((resolve, reject) => {
        replies.push((message) => (message.error ? reject(new Error(message.error.desc)) : resolve(message.return)))
        monitor.write(`${JSON.stringify({ execute, arguments: words })}\n`)
      }),
    plugSerial: async () => {
      const scanner = await socket('serial')
      scanner.on('error', () => {})
      return scanner
    },
    async stop() {
      const ended = new Promise((resolve) => qemu.once('exit', resolve))
      qemu.kill('SIGKILL')
      await ended
      rmSync(run, { recursive: true, force: true })
    },
  }
  await machine.qmp('qmp_capabilities')
  try {
    await machine.until(({ event }) => event === 'ready', 0, 180_000)
  } catch (error) {
    await machine.stop()
    throw error
  }
  return machine
}

function startQemu(image: string, run: string): ChildProcess {
  const host = join(image, 'host')
  const libraries = [join(host, 'usr/lib/x86_64-linux-gnu'), join(host, 'lib/x86_64-linux-gnu')].join(':')
  const data = ['usr/share/qemu', 'usr/share/seabios', 'usr/lib/ipxe/qemu'].flatMap((folder) => ['-L', join(host, folder)])
  return spawn(
    join(host, 'usr/bin/qemu-system-x86_64'),
    [
      ...data,
      // Without the PS/2 keyboard, keys sent go to the USB one; software emulation runs everywhere.
      '-machine', 'q35,i8042=off', '-m', '768', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1',
      '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot',
      '-kernel', join(image, 'vmlinux'), '-initrd', join(image, 'root.cpio'),
      '-append', 'console=ttyS0 quiet panic=-1 nokaslr mitigations=off',
      '-serial', `file:${join(run, 'console.log')}`,
      '-qmp', `unix:${join(run, 'qmp')},server=on,wait=off`,
      '-device', 'qemu-xhci,id=xhci', '-device', 'virtio-serial-pci',
      '-chardev', `socket,id=control,path=${join(run, 'control')},server=on,wait=off`,
      '-device', 'virtserialport,chardev=control,name=maqiao',
      '-chardev', `socket,id=serial,path=${join(run, 'serial')},server=on,wait=off`,
      '-fsdev', `local,id=repo,path=${REPO},security_model=none,readonly=on`,
      '-device', 'virtio-9p-pci,fsdev=repo,mount_tag=repo',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, LD_LIBRARY_PATH: libraries } },
  )
}

/** Whether the image was made of the files as they are now. */
function isBuilt(image: string): boolean {
  const from = join(image, 'built-from')
  if (!existsSync(from)) return false
  return readFileSync(from, 'utf8')
    .trim()
    .split('\n')
    .every((line) => {
      const [sum, file] = line.split(/\s+/, 2)
      return existsSync(file!) && createHash('sha256').update(readFileSync(file!)).digest('hex') === sum
    })
}
