/** Builds a TypeScript file of this repository for node and imports it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const here = dirname(fileURLToPath(import.meta.url))

/** The module at `path` (absolute, or from this folder). */
export async function load(path) {
  const folder = await mkdtemp(join(tmpdir(), 'layout-bench-'))
  await build({
    configFile: false,
    root: join(here, '..'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, minify: false, lib: { entry: resolve(here, path), formats: ['es'], fileName: 'library' } },
  })
  try {
    return await import(pathToFileURL(join(folder, 'library.js')).href)
  } finally {
    await rm(folder, { recursive: true })
  }
}
