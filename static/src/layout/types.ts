/** What the layout takes and gives: flat typed arrays, so that they move to and from the worker without a copy. */

/** A graph to lay out. Indexes are positions in these arrays; pills of graph inputs and outputs are nodes too. */
export interface LayoutInput {
  /** how many nodes */
  count: number
  /** sizes in CSS pixels at zoom 1 */
  width: Float32Array
  height: Float32Array
  /** A stable identity per node, to warm-start from an earlier layout: an index into the caller's id list. */
  key: Uint32Array
  /** edges: from node `source[e]` to node `target[e]` */
  source: Uint32Array
  target: Uint32Array
  /** which value the edge carries: edges of one value share one trunk */
  value: Uint32Array
  /** where the edge leaves and enters, as the x offset from the node's left side, in pixels */
  sourceX: Float32Array
  targetX: Float32Array
  /** room wanted for the label beside the edge's first segment, in pixels; 0 for none (per edge; the first edge of a value carries it) */
  labelWidth: Float32Array
  /** so many edges are drawn, the others only hold things together; without it all are */
  wires?: number
  direction: 'down' | 'right'
  /** Nodes that must stand in the first row (FIRST) or the last (LAST): places where edges cross a border. They then share one piece. */
  pin?: Uint8Array
  /** 1 for nodes whose ports have to stay where they are: something inside goes on from there */
  rigid?: Uint8Array
  /** open scopes, each laid out on its own and a box in what is around it */
  nest?: LayoutNest
}

export const FIRST = 1
export const LAST = 2

/** Ranks of nodes without edges: they have no row. One that was asked for at a place stays there, however far out that is. */
export const LONELY = -1
export const PUT = -2
/** In a memory only: a new node with edges that was asked for at a place goes into the row that is nearest to it. */
export const NEAR = -3

/** Containers: outer ones before the inner ones. */
export interface LayoutNest {
  /** the container of each node, -1 for none */
  of: Int32Array
  /** the container around each, -1 for none */
  parent: Int32Array
  /** a stable identity per container: that of the node which stands for it while it is closed */
  key: Uint32Array
  /** how wide each must be at least, for its title */
  title: Float32Array
}

/** Boxes of the containers, and what a later warm start needs. */
export interface NestResult {
  x: Float32Array
  y: Float32Array
  width: Float32Array
  height: Float32Array
  /** outside the worker: the number under which it keeps it */
  memory: NestMemory | number
}

/**
 * All that a nested layout was made of, and what came of it: levels one after another, the graph itself first. What stands in a level is
 * relative to its container.
 */
export interface NestMemory {
  direction: LayoutInput['direction']
  /** of the level's container; -1 for the graph itself */
  level: Float64Array
  /** by level: how wide its title is, its box, and what is added to places of its layout so that they are relative to the container */
  title: Float32Array
  boxWidth: Float32Array
  boxHeight: Float32Array
  shiftX: Float32Array
  shiftY: Float32Array
  /** trunks are named by places in the level */
  results: LayoutResult[]
  /** things of level l are [start[l], start[l + 1]): nodes and containers by key, ports below 0 */
  start: Uint32Array
  key: Float64Array
  width: Float32Array
  height: Float32Array
  /** see LayoutInput */
  pin: Uint8Array
  rigid: Uint8Array
  /** edges of level l are [edgeStart[l], edgeStart[l + 1]), between places in the level */
  edgeStart: Uint32Array
  source: Uint32Array
  target: Uint32Array
  value: Uint32Array
  sourceX: Float32Array
  targetX: Float32Array
  labelWidth: Float32Array
}

export interface LayoutResult {
  /** left upper corner of each node */
  x: Float32Array
  y: Float32Array
  /** Routes: edge e is the polyline of points [pointStart[e], pointStart[e + 1]) in `points` (x, y pairs); it leaves and enters vertically; the canvas rounds its corners. */
  pointStart: Uint32Array
  points: Float32Array
  /** where each edge's label goes: left edge and middle height; NaN for none */
  labelX: Float32Array
  labelY: Float32Array
  /** where each edge enters its target, as `targetX` of the input, which holds where this is missing: the ports of a node slide in their order, to where lines meet them straight */
  targetX?: Float32Array
  /** the bounding box of everything */
  bounds: { left: number; top: number; right: number; bottom: number }
  /** what a later warm start needs: a node's row, LONELY or PUT for one without edges; opaque to the caller, kept inside the worker when laid out there */
  rank: Int32Array
  /** where the trunks of long values run; hand it on in the memory */
  trunks?: LayoutTrunks
  /** of an input that had one */
  nest?: NestResult
  milliseconds: number
}

/** x of each trunk at each row it passes: trunk t belongs to the value `slot[t]` of the node with key `key[t]`. */
export interface LayoutTrunks {
  key: Uint32Array
  slot: Uint32Array
  /** trunk t passes x[start[t]] .. x[start[t + 1] - 1], from top to bottom */
  start: Uint32Array
  x: Float32Array
}

/** The earlier layout that a warm start keeps in place: positions by key. */
export interface LayoutMemory {
  key: Uint32Array
  x: Float32Array
  y: Float32Array
  rank: Int32Array
  trunks?: LayoutTrunks
  /** of a nested layout; the rest is about things that had no place yet */
  nest?: NestMemory | number
  /** the container that those are in, by its key, and from whose box their places are measured; without it they are in none */
  within?: number
  /** levels in which a box has another size than then are laid out afresh */
  afresh?: boolean
  /** no thing and no edge came since: all stays where it is, though it could stand better now */
  nothingNew?: boolean
}
