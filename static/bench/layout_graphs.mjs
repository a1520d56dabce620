/** Writes what the layout is given for every graph, bodies too, of the models that bench/layout_models.py wrote: graphs.json in that folder. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { load } from './load.mjs'
import { graphs } from './scenes.mjs'

const [folder] = process.argv.slice(2)
const plain = (input) => Object.fromEntries(Object.entries(input).map(([name, column]) => [name, ArrayBuffer.isView(column) ? Array.from(column) : column]))
const written = []
for (const { name, scene } of await graphs(folder, await load('library.ts'))) if (scene.count > 0) written.push({ name, input: plain(scene.layoutInput()) })
await writeFile(join(folder, 'graphs.json'), JSON.stringify(written))
