/** Updates from a hospital's own file server: the real script, a played package manager. */
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

const SCRIPT = join(import.meta.dirname, '../../resources/update/maqiao-update.sh')
const PACKAGE = 'the bytes of a package'
const NAME = 'MaQiao-0.2.0-linux-amd64.deb'

type Server = { channel?: string; body?: string; installed?: string }

async function update({ channel, body = PACKAGE, installed = '0.1.0' }: Server = {}) {
  const home = await mkdtemp(join(tmpdir(), 'maqiao-update-'))
  const sha512 = createHash('sha512').update(PACKAGE).digest('base64')
  const yml = channel ?? `version: 0.2.0\nfiles:\n  - url: MaQiao-0.2.0-linux-x86_64.AppImage\n    sha512: AAAA\n    size: 1\n  - url: ${NAME}\n    sha512: ${sha512}\n    size: ${PACKAGE.length}\npath: MaQiao.AppImage\nsha512: AAAA\n`
  const server = createServer((request, response) => {
    const found = { '/maqiao/latest-linux.yml': yml, [`/maqiao/${NAME}`]: body }[request.url ?? '']
    response.statusCode = found === undefined ? 404 : 200
    response.end(found)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const played = {
    dpkg: `case "$1" in --print-architecture) echo amd64 ;; --compare-versions) [ "$2" = "$4" ] || [ "$(printf '%s\\n%s' "$2" "$4" | sort -V | tail -n 1)" = "$2" ] ;; -i) cat "$2" > "${home}/installed" ;; esac`,
    'dpkg-query': `printf '%s' '${installed}'`,
  }
  for (const [name, text] of Object.entries(played)) {
    await writeFile(join(home, name), `#!/bin/sh\n${text}\n`)
    await chmod(join(home, name), 0o755)
  }
  onTestFinished(async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()))
    await rm(home, { recursive: true })
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/maqiao`
  const env = { ...process.env, PATH: `${home}:${process.env['PATH']}`, no_proxy: '127.0.0.1' }
  const code = await new Promise<number>((resolve) => execFile(SCRIPT, [url], { env }, (error) => resolve(error === null ? 0 : Number(error.code))))
  return { code, installed: await readFile(join(home, 'installed'), 'utf8').catch(() => undefined) }
}

const hasTools = ['curl', 'openssl'].every((tool) => spawnSync(tool, ['--version']).error === undefined)

describe.skipIf(!hasTools)('the update script (skipped where curl or openssl is not installed)', () => {
  it('installs a newer package whose checksum holds', async () => {
    expect(await update()).toEqual({ code: 0, installed: PACKAGE })
    expect(await update({ installed: '' })).toEqual({ code: 0, installed: PACKAGE })
  })

  it.each(['0.2.0', '0.10.0'])('leaves %s as it is', async (installed) => {
    expect(await update({ installed })).toEqual({ code: 0, installed: undefined })
  })

  it.each([
    ['a package that was changed', { body: 'other bytes' }],
    ['an empty package', { body: '' }],
    ['a web page instead of the channel', { channel: '<html>' }],
    ['a channel without a package', { channel: 'version: 0.2.0\nfiles:\n  - url: a.AppImage\n    sha512: AAAA\n' }],
    ['a channel without a checksum', { channel: `version: 0.2.0\nfiles:\n  - url: ${NAME}\n` }],
    ['a name that leads elsewhere', { channel: 'version: 0.2.0\nfiles:\n  - url: ../../etc/x.deb\n    sha512: AAAA\n' }],
  ])('installs nothing of %s', async (_what, server) => {
    expect(await update(server)).toEqual({ code: 1, installed: undefined })
  })
})
