/** Which files of `out/` the present build is made of: earlier builds leave theirs, since terminals may be running on them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '..')
/** Folders whose files have their contents' digest in their names. */
const DIGESTED = ['out/chunks', 'out/renderer/assets']

/**
 * Splits the digested files into those that an entry leads to, by their names in one another, and the others.
 * @param {string[]} [entries] paths from the root; every command, the shell and the screens by default
 * @returns {{ used: string[], left: string[] }} paths from the root
 */
export function builtFiles(entries = [...commands(), 'out/main/main.js', 'out/preload/preload.cjs', 'out/dll-runner.js', 'out/renderer/index.html']) {
  const open = new Set(DIGESTED.flatMap((folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : [])))
  const used = []
  const queue = entries.filter((entry) => existsSync(join(root, entry)))
  for (const file of queue) {
    if (!/\.(c?js|css|html)$/.test(file)) continue
    const text = readFileSync(join(root, file), 'utf8')
    for (const candidate of open) {
      if (!text.includes(basename(candidate))) continue
      open.delete(candidate)
      used.push(candidate)
      queue.push(candidate)
    }
  }
  return { used, left: [...open] }
}

/** The commands of src/terminal. */
export function commands() {
  return readdirSync(join(root, 'out/terminal')).map((name) => `out/terminal/${name}`)
}
