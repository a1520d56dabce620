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
  direction: 'down' | 'right'
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
  /** the bounding box of everything */
  bounds: { left: number; top: number; right: number; bottom: number }
  /** what a later warm start needs: a node's row, -1 for one without edges; opaque to the caller, kept inside the worker when laid out there */
  rank: Int32Array
  /** where the trunks of long values run; hand it on in the memory */
  trunks?: LayoutTrunks
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
}
