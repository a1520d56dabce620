/** What of the shown graph can be made a picture, how large that is, and making it. */
import type { PlacedScene } from '../scene/placed'
import { NODE } from '../scene/scene'
import { theme, type Theme, type ThemeName } from '../theme'
import { itemsFor, type MarkBook } from './marks'
import { pagesOf } from './pages'
import { cutOut, dotBlob, everything, largestScale, pngOf, rasterOf, svgOf, svgSteps, within, type Cutting, type Progress } from './picture'
import type { Ruler } from './svg-drawing'

export type PictureFormat = 'svg' | 'png' | 'dot'
export type PictureOf = 'all' | 'selection'
export interface PictureWish { format: PictureFormat; of: PictureOf; theme: ThemeName; /** pixels per unit */ scale: number; title: string }
/** In units of the graph: pixels at a scale of 1. `largest`: the scale at which a PNG can still be drawn. */
export interface PictureSize { width: number; height: number; nodes: number; largest: number }

/** `strip`: which of several it is, from 0, and how many there are; they run to the right or down. `narrow`: few words are as wide. */
export interface PrintedPart { picture: SVGElement | HTMLCanvasElement; strip: { at: number; of: number; right: boolean; narrow: boolean } | null }
/** `where`: which part of the graph a page shows, when there are several beside one another. `overview`: so many boxes are too small to be read. */
export interface PrintedPages { /** the paper is wider than it is high */ across: boolean; overview: number; pages: { parts: PrintedPart[]; where: string }[] }

/** more than this is printed as pixels: it has to be there at once */
const PRINTED_AS_SHAPES = 3000
/** points of paper */
const NARROW = 56
/** of one page, and of all */
const PRINTED_SIDE = 4096
const PRINTED_PIXELS = 2 ** 26
/** ink is for what is drawn: scopes have lines, no grounds */
const PAPER_THEME: Theme = { ...theme('light'), ground: '#FFFFFF', scopeGrounds: ['#FFFFFF'], scopeLine: '#9AA5B8', cardLine: '#B4BDCB' }

export class Pictures {
  private readonly context = document.createElement('canvas').getContext('2d')!
  private readonly ruler: Ruler = {
    measureText: (text, font) => {
      this.context.font = font
      return this.context.measureText(text)
    },
    baseline: (font) => {
      const above = (baseline: CanvasTextBaseline): number => {
        this.context.font = font
        this.context.textBaseline = baseline
        return this.context.measureText('x').actualBoundingBoxAscent
      }
      return above('alphabetic') - above('middle')
    },
  }

  /** `uses`: what is not to be given up meanwhile. */
  constructor(private readonly placed: () => PlacedScene | null, private readonly marks: MarkBook, private readonly uses = new Set<{ placed: PlacedScene }>()) {}

  /** null: there is nothing of it */
  size(of: PictureOf): PictureSize | null {
    const placed = this.placed()
    const cutting = placed && this.cutting(placed, of)
    if (!cutting) return null
    const { width, height } = cutting.box
    return { width, height, nodes: cutting.items.filter((item) => placed.scene.kind[item] === NODE).length, largest: largestScale(cutting.box) }
  }

  /** Rejects when it is given up. */
  async make(wish: PictureWish, progress: Progress): Promise<Blob> {
    const placed = this.placed()
    const cutting = placed && this.cutting(placed, wish.of)
    if (!cutting) throw new Error('there is nothing to make a picture of')
    if (wish.format === 'dot') return dotBlob(placed, cutting, wish.title)
    const use = { placed }
    this.uses.add(use)
    try {
      if (wish.format === 'png') return await pngOf(placed, cutting, theme(wish.theme), wish.scale, progress)
      return await svgOf(placed, cutting, theme(wish.theme), wish.scale, wish.title, this.ruler, progress)
    } finally {
      this.uses.delete(use)
    }
  }

  /** The graph for the printer, at once; light, as paper is. Null: there is nothing. */
  printed(title: string, of: PictureOf = 'all'): PrintedPages | null {
    const placed = this.placed()
    const all = placed && this.cutting(placed, of)
    if (!all) return null
    const { parts, perPage, rows, columns, scale, across, overview } = pagesOf(placed, all.box)
    const found = parts.map((part) => ({ ...part, cutting: within(placed, part.box, all.whole ? null : all) })).filter(({ cutting }) => cutting.items.length + cutting.edges.length > 0)
    const side = Math.min(PRINTED_SIDE, Math.sqrt(PRINTED_PIXELS / found.length))
    const printed = found.map(({ row, column, cutting }, at) => {
      const picture = all.items.length > PRINTED_AS_SHAPES ? rasterOf(placed, cutting, PAPER_THEME, side) : this.drawn(placed, cutting, title)
      picture.style.width = `${cutting.box.width * scale}pt`
      const strip = perPage > 1 && found.length > 1 ? { at, of: found.length, right: columns > 1, narrow: cutting.box.width * scale < NARROW } : null
      return { strip, picture, where: rows > 1 && columns > 1 ? `row ${row + 1} of ${rows}, column ${column + 1} of ${columns}` : '' }
    })
    const pages = Array.from({ length: Math.ceil(printed.length / perPage) }, (_, page) => {
      const on = printed.slice(page * perPage, (page + 1) * perPage)
      return { parts: on, where: on[0]!.where }
    })
    return { across, pages, overview: overview ? all.items.length : 0 }
  }

  private drawn(placed: PlacedScene, cutting: Cutting, title: string): SVGElement {
    const steps = svgSteps(placed, cutting, PAPER_THEME, 1, title, this.ruler)
    let step = steps.next()
    while (!step.done) step = steps.next()
    return document.importNode(new DOMParser().parseFromString(step.value, 'image/svg+xml').documentElement, true) as unknown as SVGElement
  }

  private cutting(placed: PlacedScene, of: PictureOf): Cutting | null {
    if (of === 'all') return placed.scene.count > 0 ? everything(placed) : null
    const items = this.chosen(placed)
    return items.size > 0 ? cutOut(placed, items) : null
  }

  /** The selected items; of selected values also the ends of their wires. */
  private chosen(placed: PlacedScene): Set<number> {
    const { scene } = placed
    const { selectedItems } = this.marks.of(placed)
    const chosen = new Set(selectedItems)
    for (const id of this.marks.selection) {
      const value = scene.document.nodeIndex(id) < 0 ? scene.document.valueIndex(id) : -1
      if (value < 0) continue
      for (const item of itemsFor(scene, id)) chosen.add(item)
      const [first, end] = scene.edgesOf(value)
      for (let edge = first; edge < end; edge++) chosen.add(scene.source[edge]).add(scene.target[edge])
    }
    return chosen
  }
}
