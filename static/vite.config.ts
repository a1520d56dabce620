/** How the browser side is built: one module bundle and one layout worker into dist/, which Flask serves under /static/dist/. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  base: '/static/dist/',
  publicDir: false,
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: 'src/main.ts' },
  },
  worker: { format: 'es' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'bench/**/*.test.mjs'], css: { include: /tokens\.css/ } },
})
