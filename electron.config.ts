/** How everything is built: the shell and the plain-Node commands, the preload script, the screens. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, mergeConfig } from 'electron-vite'
import manifest from './package.json' with { type: 'json' }
import screensConfig from './src/renderer/vite.config.ts'

const root = import.meta.dirname
const out = join(root, 'out')
/** Which part to build; scripts/built.mjs asks for the stale ones only. */
const only = process.env['MAQIAO_BUILD']

/** Native or wasm packages, loaded where they are installed, and what only the tests have. */
const INSTALLED = [/^electron$/, /^(serialport|node-hid|koffi|zxing-wasm|@sparticuz\/chromium|playwright-core)(\/|$)/]

/** What the scripts of package.json run by scripts/run.mjs, and what scripts/start.mjs does. */
const COMMANDS = ['start', ...Object.values(manifest.scripts).flatMap((script) => /run\.mjs (\w+)$/.exec(script)?.[1] ?? [])]

function existing(entries: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entries)
      .map(([name, file]) => [name, join(root, file)] as const)
      .filter(([, file]) => existsSync(file)),
  )
}

const HOUR_MS = 3_600_000

/** Old chunks stay for an hour: a terminal that runs from this folder still loads them when it needs them. */
function sweep(directory: string): { name: string; writeBundle(options: object, bundle: object): void } {
  return {
    name: 'sweep-old-chunks',
    writeBundle(_options, bundle) {
      const made = new Set(Object.keys(bundle).map((file) => file.split('/').at(-1)))
      for (const file of existsSync(directory) ? readdirSync(directory) : []) {
        const path = join(directory, file)
        if (!made.has(file) && Date.now() - statSync(path).mtimeMs > HOUR_MS) rmSync(path)
      }
    },
  }
}

const nodeEntries = existing({
  'main/main': 'src/main/main.ts',
  'dll-runner': 'src/transcode/platforms/e-voucher/dll-runner.ts',
  ...Object.fromEntries(COMMANDS.map((name) => [`terminal/${name}`, `src/terminal/${name}.ts`])),
})
const preloadEntries = existing({ preload: 'src/preload/preload.ts' })
const screens = existing({ index: 'src/renderer/index.html' })

const wanted = (part: 'node' | 'renderer', entries: object): boolean =>
  (only === undefined || only === part) && Object.keys(entries).length > 0

export default defineConfig({
  ...(wanted('node', nodeEntries) && {
    main: {
      plugins: [sweep(join(out, 'chunks'))],
      build: {
        target: 'node24',
        outDir: out,
        emptyOutDir: false,
        // Bundled, so that a cold start opens a handful of files instead of some hundred.
        externalizeDeps: false,
        rolldownOptions: {
          input: nodeEntries,
          external: INSTALLED,
          output: {
            format: 'es',
            entryFileNames: '[name].js',
            chunkFileNames: 'chunks/[name]-[hash].js',
            // Names stay, for the stacks in a hospital's log.
            minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
          },
        },
      },
    },
  }),
  ...(wanted('node', preloadEntries) && {
    preload: {
      build: {
        target: 'node24',
        outDir: join(out, 'preload'),
        externalizeDeps: false,
        // A sandboxed preload script must be CommonJS.
        rolldownOptions: { input: preloadEntries, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
      },
    },
  }),
  ...(wanted('renderer', screens) && {
    renderer: mergeConfig(screensConfig, {
      root: join(root, 'src/renderer'),
      publicDir: false,
      plugins: [sweep(join(out, 'renderer/assets'))],
      worker: { format: 'es' },
      build: {
        outDir: join(out, 'renderer'),
        emptyOutDir: false,
        minify: true,
        rolldownOptions: { input: screens },
      },
    }),
  }),
})
