/** `node --import register.mjs out/main/main.js`: the built shell gets the double where it asks for Electron. */
import { registerHooks } from 'node:module'

const double = new URL('electron.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) => (specifier === 'electron' ? { url: double, shortCircuit: true } : next(specifier, context)),
})
