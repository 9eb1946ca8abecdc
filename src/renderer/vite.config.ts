import { realpathSync } from 'node:fs'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** The screens' build: `vite build -c src/renderer/vite.config.ts` from the project's root, into out/renderer. */
export default defineConfig({
  root: 'src/renderer',
  base: './',
  plugins: [vue()],
  // The fonts are served from where node_modules really is: it may be a link.
  server: { fs: { allow: ['../..', realpathSync('node_modules')] } },
  build: {
    outDir: '../../out/renderer',
    emptyOutDir: true,
    // The browser host also serves Windows 7, where Chromium ends at 109.
    target: 'chrome109',
    cssTarget: 'chrome109',
    // A font or sound as data: would be stopped by the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
