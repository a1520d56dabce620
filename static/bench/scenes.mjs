/** Scenes of the collection's models, from what bench/layout_models.py wrote, with cards as wide as on the page. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Widths of letters as Chromium measured them, any other letter as wide as an 'M'; without them all are as wide as most. */
function measureOf(letters) {
  if (!letters) return { width: (text) => 6.2 * text.length }
  return { width: (text, font) => { let sum = 0; for (const letter of text) sum += letters[font][letter] ?? letters[font].M; return sum } }
}

async function documents(folder, decodeColumns) {
  const { models, letters } = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8'))
  const found = []
  for (const { name, file } of models) {
    if (!file) continue
    const bytes = await readFile(file)
    found.push({ name, document: decodeColumns(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)) })
  }
  return { found, measure: measureOf(letters), unreadable: models.filter(({ file }) => !file).map(({ name }) => name) }
}

const sceneOf = (document, graph, measure, { buildScene, Cards, Labels }) => buildScene(document, graph, { cards: new Cards(document, measure), labels: new Labels(measure) })

/** { name, scene, nodes } of each model's main graph; `unreadable` names the ones that are no models. */
export async function scenes(folder, library) {
  const { found, measure, unreadable } = await documents(folder, library.decodeColumns)
  return {
    found: found.map(({ name, document }) => {
      const scene = sceneOf(document, document.mainGraph, measure, library)
      return { name, scene, nodes: scene.kind.filter((kind) => kind === 0).length }
    }),
    unreadable,
  }
}

/** { name, scene } of every graph, bodies and functions too. */
export async function graphs(folder, library) {
  const { found, measure } = await documents(folder, library.decodeColumns)
  return found.flatMap(({ name, document }) => document.columns.header.graphs.map(({ id }) => ({ name: `${name} ${id}`, scene: sceneOf(document, id, measure, library) })))
}
