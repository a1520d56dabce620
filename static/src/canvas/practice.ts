/** Goes all the way from a document to a picture with a small model, so that the browser has compiled that way when the first real one comes. */
import { practiceModel } from '../document/practice'
import type { LayoutInput, LayoutResult } from '../layout/types'
import { buildScene, sceneParts } from '../scene/build'
import { CanvasMeasure, fontsCame } from '../scene/measure'
import { PlacedScene } from '../scene/placed'
import { theme } from '../theme'
import { Camera } from './camera'
import { Folding } from './folding'
import { InView } from './frame'
import { detailAt } from './lod'
import { MarkBook } from './marks'
import { openingPlace } from './opening'
import { paintGraph } from './paint-graph'
import { OverviewTiles } from './tiles'

const ROUNDS = 6
const VIEW = { width: 1200, height: 800 }
const FAR_OUT = 0.1

/** While the page is idle; `signal` ends it. Without a layout (null) a real one is under way, which is better practice. */
export async function practise(layouts: { practise(input: LayoutInput): Promise<LayoutResult | null> }, signal: AbortSignal): Promise<void> {
  await fontsCame()
  const context = new OffscreenCanvas(VIEW.width, VIEW.height).getContext('2d')!
  const measure = new CanvasMeasure(context)
  for (let round = 0; round < ROUNDS; round++) {
    await idle()
    if (signal.aborted) return
    const document = practiceModel()
    const folding = new Folding()
    const graph = document.mainGraph
    const asOpened = folding.of(document, graph) // made in any case: it tells which scopes there are
    if (round % 2 === 0) folding.apply({ what: 'open-all' }, document, graph)
    const fold = round % 2 === 0 ? folding.of(document, graph) : asOpened
    const scene = buildScene(document, graph, sceneParts(document, measure), fold)
    const layout = await layouts.practise(scene.layoutInput())
    await idle()
    if (!layout || signal.aborted) return
    paint(new PlacedScene(scene, layout), context)
  }
}

function paint(placed: PlacedScene, context: OffscreenCanvasRenderingContext2D): void {
  const camera = Object.assign(new Camera(), VIEW)
  camera.jump(openingPlace(placed, camera))
  const frame = { context, placed, camera, theme: theme('light'), marks: new MarkBook().of(placed), motion: null, left: 0, focused: false, detail: detailAt(1) }
  const view = new InView()
  view.find(frame)
  paintGraph(frame, view)
  camera.jump({ ...camera.place, zoom: FAR_OUT })
  const tiles = new OverviewTiles()
  tiles.paint(context, placed, camera, frame.theme, 1, true)
  tiles.clear()
}

/** Resolves when the page has nothing else to do; Safari cannot tell. */
function idle(): Promise<void> {
  return new Promise((resolve) => { if ('requestIdleCallback' in window) requestIdleCallback(() => resolve()); else setTimeout(resolve, 50) })
}
