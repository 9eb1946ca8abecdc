/** A hospital's file server, or a folder of it that is mounted: read, never written. */
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { request } from 'undici'
import { createDispatcher } from '../network.ts'
import type { Settings } from '../settings.ts'

/** A list and its signature are short; more is none of ours. */
const MAX_LIST_BYTES = 256 * 1024
const LIST_MS = 10_000
/** Without a byte for so long a download is given up. */
const SILENT_MS = 60_000

export type UpdateSource = {
  /** Rejects where it cannot be had. */
  read(name: string): Promise<Buffer>
  open(name: string): Promise<Readable>
  close(): Promise<void>
}

/** @param from http(s) address or folder, a Windows share too */
export function openUpdateSource(from: string, network: Settings['network']): UpdateSource {
  if (!/^https?:/i.test(from)) {
    return {
      async read(name) {
        const file = join(from, name)
        if ((await stat(file)).size > MAX_LIST_BYTES) throw new Error('too large')
        return readFile(file)
      },
      async open(name) {
        const file = join(from, name)
        await stat(file)
        return createReadStream(file)
      },
      close: async () => {},
    }
  }
  // Straight there: a file server of the house is not behind the proxy for platforms.
  const dispatcher = createDispatcher({ ...network, proxy: undefined })
  const get = async (name: string) => {
    const reply = await request(`${from.replace(/(?<!\/)\/+$/, '')}/${encodeURIComponent(name)}`, { dispatcher, headersTimeout: LIST_MS, bodyTimeout: SILENT_MS })
    if (reply.statusCode === 200) return reply.body
    await reply.body.dump()
    throw new Error(`HTTP ${reply.statusCode}`)
  }
  return {
    async read(name) {
      const parts: Uint8Array[] = []
      let size = 0
      for await (const part of await get(name)) {
        size += (part as Uint8Array).length
        if (size > MAX_LIST_BYTES) throw new Error('too large')
        parts.push(part as Uint8Array)
      }
      return Buffer.concat(parts)
    },
    open: get,
    close: () => dispatcher.destroy(),
  }
}
