/** For tests: a document's main graph, laid out as on the page. */
import type { ModelDocument } from '../document/model'
import { layout } from '../layout/layout'
import { buildScene, sceneParts } from '../scene/build'
import type { Direction } from '../scene/flow'
import type { Measure } from '../scene/measure'
import { PlacedScene } from '../scene/placed'

const MEASURE: Measure = { width: (text) => text.length * 6 }

export function laidOut(document: ModelDocument, direction: Direction = 'down'): PlacedScene {
  const scene = buildScene(document, 'graph:', sceneParts(document, MEASURE), null, direction)
  return new PlacedScene(scene, layout(scene.layoutInput()))
}
