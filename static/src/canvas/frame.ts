/** All that one frame is painted from. */
import type { PlacedScene } from '../scene/placed'
import type { Theme } from '../theme'
import { edgesTouching, itemsTouching } from './bands'
import type { Camera } from './camera'
import type { LitItems } from './lit'
import type { Detail } from './lod'
import type { Motion } from './motion'

/** What shapes are drawn with: a canvas's context, or a picture that is written as text. */
export type Context = Pick<CanvasRenderingContext2D,
  'beginPath' | 'moveTo' | 'lineTo' | 'bezierCurveTo' | 'quadraticCurveTo' | 'arc' | 'rect' | 'roundRect' | 'closePath' | 'fill' | 'stroke' | 'fillRect' | 'strokeRect' | 'fillText' | 'measureText'
  | 'setLineDash' | 'globalAlpha' | 'fillStyle' | 'strokeStyle' | 'lineWidth' | 'lineJoin' | 'lineCap' | 'font' | 'textAlign' | 'textBaseline'>

export type ScreenContext = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** `count`: how many findings there are about the item, or about what is closed in it. */
export interface Badge { item: number; severity: 'error' | 'warning' | 'info'; count: number }
export interface PeerMark { item: number; colour: string }
export interface PeerCursor { x: number; y: number; name: string; colour: string }

export interface Marks {
  selectedItems: ReadonlySet<number>
  /** selected, or joined to a selected node */
  accentEdges: ReadonlySet<number>
  /** items at the ends of selected wires: their ports are handles */
  wireEnds: ReadonlySet<number>
  /** initializers that are selected: their rows take the accent */
  tensors: ReadonlySet<number>
  /** what a rectangle touches while it is drawn */
  preview: readonly number[]
  /** open scopes of which every node is selected */
  selectedScopes: ReadonlySet<number>
  /** per closed scope: how many of its nodes are selected, when it is not all */
  inside: ReadonlyMap<number, number>
  /** the open scope whose title the pointer is on; -1 for none */
  hoverScope: number
  hoverItem: number
  hoverValue: number
  hits: readonly number[]
  /** wires of values that were found */
  hitEdges: ReadonlySet<number>
  badges: readonly Badge[]
  peers: readonly PeerMark[]
  cursors: readonly PeerCursor[]
  /** what stands out; null: nothing is dimmed */
  lit: LitItems | null
}

export interface Frame {
  context: Context
  placed: PlacedScene
  camera: Camera
  theme: Theme
  detail: Detail
  marks: Marks
  motion: Motion | null
  /** 1 when a motion starts, 0 when there is none or it is over */
  left: number
  focused: boolean
  /** a picture: there is nothing in it to press */
  still?: true
}

/** A frame on the screen, where pictures and what lies over the graph are drawn too. */
export interface ScreenFrame extends Frame { context: ScreenContext }

/** The first `itemCount` of `items`. */
export interface ItemList { items: Int32Array; itemCount: number }

/** Lists of what is in view, used again from frame to frame. */
export class InView implements ItemList {
  items = new Int32Array(256)
  itemCount = 0
  edges = new Int32Array(256)
  edgeCount = 0

  find({ placed, camera, motion, left }: Frame): void {
    const { view } = camera
    // room for rings and badges, and for what is still gliding
    const margin = 16 + (motion && left > 0 ? 4000 * left : 0)
    const area = { left: view.left - margin, top: view.top - margin, right: view.right + margin, bottom: view.bottom + margin }
    if (this.items.length < placed.x.length) this.items = new Int32Array(placed.x.length)
    if (this.edges.length < placed.scene.edgeCount) this.edges = new Int32Array(placed.scene.edgeCount)
    this.itemCount = 0
    this.edgeCount = 0
    itemsTouching(placed, area, 0, (item) => { this.items[this.itemCount++] = item })
    edgesTouching(placed, area, (edge) => { this.edges[this.edgeCount++] = edge })
    // what lies over another thing does so in every frame
    if (this.itemCount < FEW) this.items.subarray(0, this.itemCount).sort()
    if (this.edgeCount < FEW) this.edges.subarray(0, this.edgeCount).sort()
  }
}

/** more than so many are too small to tell which one lies above */
const FEW = 3000
