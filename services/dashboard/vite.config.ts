/** Builds the page into dist/dashboard: hashed files, nothing inlined, so that `Content-Security-Policy: default-src 'self'` holds. */

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  build: {
    outDir: fileURLToPath(new URL('../../dist/dashboard', import.meta.url)),
    emptyOutDir: true,
    // data: URIs are refused by the page's own security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Phones and PCs of a commune are not new: browsers of the end of 2020.
    target: ['chrome87', 'firefox78', 'safari14'],
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
})
