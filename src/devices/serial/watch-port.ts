/**
 * Watches whether a port is still there, beside the port's own events: pulled
 * just after bytes have come, serialport 13 reports neither `close` nor `error`
 * and its read loop keeps a core busy until the port is closed.
 */
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { watchFolder } from '../watch-folder.ts'
import { portName, type PortInfo } from './port-list.ts'

export type WatchOptions = {
  /** Where ports are no files (Windows): asked each time instead of the file system. */
  readonly list?: () => Promise<readonly PortInfo[]>
  /** How often it looks without being told, ms. Default 1000, with `list` 3000. */
  readonly pollMs?: number
}

/** Calls `gone` once when the port that is there now is not there any more; returns what stops it. */
export function watchWhileOpen(path: string, gone: () => void, options: WatchOptions = {}): () => void {
  const { list, pollMs = list ? 3000 : 1000 } = options
  let stopped = false
  let first: string | undefined
  const look = async (): Promise<void> => {
    const now = list ? await listed(list, path) : await identity(path)
    if (stopped) return
    if (first === undefined) first = now
    if (now !== undefined && now === first) return
    // A list that never had the open port (one of a class of its own, such as com0com's) tells nothing about it.
    if (list && first === undefined) return
    stop()
    gone()
  }
  const timer = setInterval(() => void look(), pollMs)
  const unwatch = list ? () => {} : watchFolders(path, () => void look())
  const stop = (): void => {
    stopped = true
    clearInterval(timer)
    unwatch()
  }
  void look()
  return stop
}

/** Calls back whenever the port's name appears. */
export function watchForReturn(path: string, appeared: () => void): () => void {
  let stopped = false
  const unwatch = watchFolders(path, () => {
    void identity(path).then((now) => {
      if (now !== undefined && !stopped) appeared()
    })
  })
  return () => {
    stopped = true
    unwatch()
  }
}

/** Which device stands behind the name: another one may come back under the same. */
async function identity(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, rdev } = await stat(path)
    return `${dev} ${ino} ${rdev}`
  } catch {
    return undefined
  }
}

async function listed(list: () => Promise<readonly PortInfo[]>, path: string): Promise<string | undefined> {
  try {
    return (await list()).some((port) => portName(port.path) === portName(path)) ? path : undefined
  } catch {
    // A list that fails says nothing about the port.
    return path
  }
}

/** Watches the folder of the name and, behind a link, the folder of the device. */
function watchFolders(path: string, changed: () => void): () => void {
  const watchName = (target: string): (() => void) =>
    watchFolder(dirname(target), (name) => {
      if (name === undefined || name === basename(target)) changed()
    })
  const stops = [watchName(path)]
  let stopped = false
  void realpath(path).then(
    (real) => {
      if (real !== path && !stopped) stops.push(watchName(real))
    },
    () => {},
  )
  return () => {
    stopped = true
    for (const stop of stops) stop()
  }
}
