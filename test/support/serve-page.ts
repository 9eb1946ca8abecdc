/** Serves one made-up page on loopback, with the project's own sources behind it, for a browser test. */
import { realpathSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'vite'

const ROOT = join(import.meta.dirname, '..', '..')

/** `html` may import sources by their path from the project's root (`/src/…`). */
export async function servePage(html: string): Promise<{ url: string; close(): Promise<void> }> {
  // A cache of its own: parallel test files would tear a shared one.
  const cacheDir = await mkdtemp(join(tmpdir(), 'maqiao-vite-'))
  const server = await createServer({
    configFile: false,
    root: ROOT,
    cacheDir,
    appType: 'custom',
    logLevel: 'error',
    optimizeDeps: { noDiscovery: true },
    worker: { format: 'es' },
    server: { host: '127.0.0.1', port: 0, hmr: false, ws: false, watch: null, fs: { allow: [ROOT, realpathSync(join(ROOT, 'node_modules'))] } },
    plugins: [{
      name: 'test-page',
      configureServer: ({ middlewares, transformIndexHtml }) => {
        middlewares.use((request, response, next) => {
          if (request.url !== '/') return next()
          void transformIndexHtml('/', html).then((page) => {
            response.setHeader('content-type', 'text/html; charset=utf-8')
            response.end(page)
          }, next)
        })
      },
    }],
  })
  await server.listen()
  const { port } = server.httpServer?.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      await server.close()
      await rm(cacheDir, { recursive: true, force: true })
    },
  }
}
