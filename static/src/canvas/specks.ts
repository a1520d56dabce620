/** Boxes of a pixel or two, thousands of them on one another: what a tile shows of them, each pixel once. */
import type { Bounds } from '../scene/placed'

export class Specks {
  private readonly left: number
  private readonly top: number
  private readonly columns: number
  private readonly pixels: number
  /** by pixel: 1 + the highest kind that begins there; null: nothing is that small */
  private kinds: Uint8Array | null = null

  /** `scale`: device pixels per unit of the graph; `side`: those of a speck, across and along */
  constructor(area: Bounds, private readonly scale: number, private readonly side: number) {
    this.left = Math.floor(area.left * scale) - side
    this.top = Math.floor(area.top * scale) - side
    this.columns = Math.ceil(area.right * scale) - this.left + 1
    this.pixels = this.columns * (Math.ceil(area.bottom * scale) - this.top + 1)
  }

  isSpeck(width: number, height: number): boolean {
    return width * this.scale <= this.side && height * this.scale <= this.side
  }

  /** A box of a kind below 255 that touches the area. */
  add(x: number, y: number, kind: number): void {
    const pixel = (Math.floor(y * this.scale) - this.top) * this.columns + Math.floor(x * this.scale) - this.left
    this.kinds ??= new Uint8Array(this.pixels)
    this.kinds[pixel] = Math.max(this.kinds[pixel], kind + 1)
  }

  /** Each by its left upper corner, in the graph's units; they stand on whole device pixels, the same in neighbouring tiles. */
  visit(paint: (x: number, y: number, kind: number) => void): void {
    const { kinds, columns, left, top, scale } = this
    if (!kinds) return
    for (let pixel = 0; pixel < kinds.length; pixel++) {
      if (kinds[pixel] > 0) paint((pixel % columns + left) / scale, (Math.floor(pixel / columns) + top) / scale, kinds[pixel] - 1)
    }
  }
}
