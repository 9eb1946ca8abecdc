/** A headless Chromium for the browser tests, from the package registry alone. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium, type Browser } from 'playwright-core'

export type ChromiumOptions = {
  /** A `.y4m` or `.mjpeg` file that plays as the one camera; permission is given without asking. */
  readonly camera?: string
  /** A made-up moving test picture as the camera where no file is given. */
  readonly fakeCamera?: boolean
  /** More switches for Chromium. */
  readonly args?: readonly string[]
}

const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  // Pages of one context share what they have compiled and the fonts that they have read.
  '--process-per-site',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts a headless Chromium; the caller closes it. Rejects where neither the packaged nor an installed one is there. */
export async function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  const { executablePath, env } = await findChromium()
  return chromium.launch({
    executablePath,
    headless: true,
    args: [...SWITCHES, ...cameraSwitches(options), ...(options.args ?? [])],
    env: { ...process.env, ...env } as Record<string, string>,
  })
}

/** `bundled`: it is the one of `npm ci`, which draws alike everywhere. */
export type FoundChromium = { executablePath: string; env: Record<string, string>; bundled: boolean }

/** Path of the Chromium that `launchChromium` starts, and the environment it needs. */
export async function findChromium(): Promise<FoundChromium> {
  try {
    const home = await unpacked()
    return { executablePath: join(home, 'chromium'), env: { FONTCONFIG_PATH: join(home, 'fonts') }, bundled: true }
  } catch (cause) {
    // The package holds x64 Linux only; elsewhere an installed browser does as well.
    const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
    if (installed) return { executablePath: installed, env: {}, bundled: false }
    throw new Error('no Chromium: @sparticuz/chromium could not be unpacked and none is installed', { cause })
  }
}

function cameraSwitches({ camera, fakeCamera }: ChromiumOptions): string[] {
  if (camera === undefined && !fakeCamera) return []
  // A made-up picture at its full rate keeps a loaded machine from anything else.
  const switches = [camera === undefined ? '--use-fake-device-for-media-stream=fps=10' : '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
  return camera === undefined ? switches : [...switches, `--use-file-for-fake-video-capture=${camera}`]
}

let home: Promise<string> | undefined

function unpacked(): Promise<string> {
  return (home ??= unpack())
}

/**
 * The package unpacks to fixed names in the temporary directory and takes a half
 * written file for a whole one, so that parallel test files would start a torn
 * binary: each unpacks apart, and a rename decides who was first.
 */
async function unpack(): Promise<string> {
  const root = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..')
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const target = join(tmpdir(), `maqiao-chromium-${version}-${process.getuid?.() ?? 0}`)
  if (existsSync(target)) return target
  const stage = await mkdtemp(join(tmpdir(), 'maqiao-chromium-'))
  try {
    const script = "import c from '@sparticuz/chromium'; await c.executablePath()"
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      env: { ...process.env, TMPDIR: stage },
    })
    await mkdir(join(stage, 'fonts'), { recursive: true })
    await writeFile(join(stage, 'fonts', 'fonts.conf'), fontsConf(join(target, 'fonts')))
    await rename(stage, target)
  } catch (error) {
    await rm(stage, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}

/** Only the packaged font, so that a page looks the same on every machine and must bring its own Chinese one. */
function fontsConf(directory: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${directory}</dir><cachedir>${directory}-cache</cachedir></fontconfig>
`
}
