/** For tests: a document's main graph, laid out as on the page. */
import type { ModelDocument } from '../document/model'
import { layout } from '../layout/layout'
import { buildScene, sceneParts } from '../scene/build'
import type { Measure } from '../scene/measure'
import { PlacedScene } from '../scene/placed'

const MEASURE: Measure = { width: (text) => text.length * 6 }

export function laidOut(document: ModelDocument): PlacedScene {
  const scene = buildScene(document, 'graph:', sceneParts(document, MEASURE))
  return new PlacedScene(scene, layout(scene.layoutInput()))
}
