/** Scenes of the collection's models, from what bench/layout_models.py wrote, with cards as wide as on the page. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Widths of letters as Chromium measured them; any other letter is as wide as an 'M'. */
function measureOf(letters) {
  return { width: (text, font) => { let sum = 0; for (const letter of text) sum += letters[font][letter] ?? letters[font].M; return sum } }
}

/** { name, scene, nodes } of each model's main graph; `unreadable` names the ones that are no models. */
export async function scenes(folder, { decodeColumns, buildScene, Cards, Labels }) {
  const { models, letters } = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8'))
  const measure = measureOf(letters)
  const found = []
  for (const { name, file } of models) {
    if (!file) continue
    const bytes = await readFile(file)
    const document = decodeColumns(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    const scene = buildScene(document, document.mainGraph ?? 'graph:', { cards: new Cards(document, measure), labels: new Labels(measure) })
    found.push({ name, scene, nodes: scene.kind.filter((kind) => kind === 0).length })
  }
  return { found, unreadable: models.filter(({ file }) => !file).map(({ name }) => name) }
}
