/** Tells when names come or go in a folder such as /dev. */
import { watch } from 'node:fs'

/** Calls back with the name, where the system tells it; returns what stops it. A folder that is not there is not watched. */
export function watchFolder(folder: string, changed: (name: string | undefined) => void): () => void {
  try {
    const watcher = watch(folder, { persistent: false }, (event, name) => {
      // `change` tells of every byte that others write to a device.
      if (event === 'rename') changed(name ?? undefined)
    })
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return () => {}
  }
}

/** Calls back when a device with such a name comes or goes; on Windows, which has no folder of devices, never. */
export function watchDevices(names: RegExp, changed: () => void): () => void {
  if (process.platform === 'win32') return () => {}
  return watchFolder('/dev', (name) => {
    if (name === undefined || names.test(name)) changed()
  })
}
