/** The built screens, under a policy that lets them load nothing but themselves. */
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** Nothing but our own files; wasm for the camera's decoder; the socket back to us. */
const CSP = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
  "manifest-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

export async function screenFiles(server: FastifyInstance, directory: string): Promise<void> {
  await server.register(fastifyStatic, {
    root: directory,
    cacheControl: false,
    setHeaders(response, path) {
      response.header('content-security-policy', CSP)
      response.header('cache-control', /[/\\]assets[/\\]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}
