import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** One script and one style sheet: what the server serves and what an exported page holds. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  oxc: { jsx: { importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../../dist/viewer/client', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { output: { codeSplitting: false } },
  },
})
