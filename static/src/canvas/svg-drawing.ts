/** A picture that is written as SVG: the calls that draw on a canvas become paths, rectangles and text. Names are escaped; there is no way for markup or script into it. */
import { FONT_FAMILY } from '../scene/measure'
import type { Context } from './frame'

/** What the font is measured with: a canvas's context. */
export interface Ruler {
  measureText(text: string, font: string): TextMetrics
  /** how far the baseline is below the middle of a line, in the font's pixels */
  baseline(font: string): number
}

// what XML 1.0 has no way to write
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function escaped(text: string): string {
  return text.replace(NOT_XML, '·').replace(/[&<>"']/g, (character) => ESCAPES[character]!)
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100)
}

export class SvgDrawing implements Context {
  globalAlpha = 1
  fillStyle: string = '#000000'
  strokeStyle: string = '#000000'
  lineWidth = 1
  lineJoin: CanvasLineJoin = 'miter'
  lineCap: CanvasLineCap = 'butt'
  font = ''
  textAlign: CanvasTextAlign = 'start'
  textBaseline: CanvasTextBaseline = 'alphabetic'
  private readonly parts: string[] = []
  private path: string[] = []
  private dash: readonly number[] = []
  /** the attributes of the group of texts that is open; '' for none */
  private texts = ''

  constructor(private readonly ruler: Ruler) {}

  /** The whole picture: what is inside the box (in the graph's units), so many pixels per unit. */
  finished(box: { x: number; y: number; width: number; height: number }, scale: number, title: string, ground: string): string {
    this.endTexts()
    const at = `${short(box.x)} ${short(box.y)} ${short(box.width)} ${short(box.height)}`
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${short(box.width * scale)}" height="${short(box.height * scale)}" viewBox="${at}" font-family="${escaped(FONT_FAMILY)}" xml:space="preserve">`,
      `<title>${escaped(title)}</title>`,
      `<rect x="${short(box.x)}" y="${short(box.y)}" width="${short(box.width)}" height="${short(box.height)}" fill="${ground}"/>`,
      ...this.parts, '</svg>\n',
    ].join('\n')
  }

  beginPath(): void { this.path = [] }
  moveTo(x: number, y: number): void { this.path.push(`M${short(x)} ${short(y)}`) }
  lineTo(x: number, y: number): void { this.path.push(`L${short(x)} ${short(y)}`) }
  closePath(): void { this.path.push('Z') }

  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.path.push(`C${[x1, y1, x2, y2, x, y].map(short).join(' ')}`)
  }

  quadraticCurveTo(x1: number, y1: number, x: number, y: number): void {
    this.path.push(`Q${[x1, y1, x, y].map(short).join(' ')}`)
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.path.push(`M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}Z`)
  }

  roundRect(x: number, y: number, width: number, height: number, radii?: number | DOMPointInit | Iterable<number | DOMPointInit>): void {
    const given = typeof radii === 'number' ? [radii] : radii === undefined ? [0] : Symbol.iterator in radii ? Array.from(radii, Number) : [0]
    const most = Math.min(width, height) / 2
    const [a, b, c, d] = (given.length === 4 ? given : [given[0]!, given[0]!, given[0]!, given[0]!]).map((radius) => Math.min(radius, most)) as [number, number, number, number]
    const turn = (radius: number, dx: number, dy: number): string => (radius > 0 ? `a${short(radius)} ${short(radius)} 0 0 1 ${short(dx)} ${short(dy)}` : '')
    this.path.push([
      `M${short(x + a)} ${short(y)}`, `h${short(width - a - b)}`, turn(b, b, b), `v${short(height - b - c)}`, turn(c, -c, c), `h${short(c + d - width)}`, turn(d, -d, -d), `v${short(d + a - height)}`, turn(a, a, -a), 'Z',
    ].join(''))
  }

  /** Whole circles, and arcs of at most half of one. */
  arc(x: number, y: number, radius: number, from: number, to: number, back = false): void {
    const point = (angle: number): string => `${short(x + radius * Math.cos(angle))} ${short(y + radius * Math.sin(angle))}`
    const size = `${short(radius)} ${short(radius)} 0`
    const start = `${this.path.length === 0 || Math.abs(to - from) >= 2 * Math.PI ? 'M' : 'L'}${point(from)}`
    const sweep = back ? 0 : 1
    this.path.push(Math.abs(to - from) >= 2 * Math.PI ? `${start}A${size} 1 ${sweep} ${point(from + Math.PI)}A${size} 1 ${sweep} ${point(from)}Z` : `${start}A${size} 0 ${sweep} ${point(to)}`)
  }

  fill(): void {
    if (this.path.length > 0) this.shape(`<path d="${this.path.join('')}" fill="${this.fillStyle}"${this.opacity('fill')}/>`)
  }

  stroke(): void {
    if (this.path.length === 0) return
    const dash = this.dash.length > 0 ? ` stroke-dasharray="${this.dash.map(short).join(' ')}"` : ''
    const join = this.lineJoin === 'round' ? ' stroke-linejoin="round"' : ''
    this.shape(`<path d="${this.path.join('')}" fill="none" stroke="${this.strokeStyle}" stroke-width="${short(this.lineWidth)}"${join}${dash}${this.opacity('stroke')}/>`)
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    this.shape(`<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="${this.fillStyle}"${this.opacity('fill')}/>`)
  }

  strokeRect(x: number, y: number, width: number, height: number): void {
    this.shape(`<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="none" stroke="${this.strokeStyle}" stroke-width="${short(this.lineWidth)}"${this.opacity('stroke')}/>`)
  }

  fillText(text: string, x: number, y: number): void {
    const [, weight = '400', size = '12'] = /^(\d+) (\d+(?:\.\d+)?)px/.exec(this.font) ?? []
    const anchor = this.textAlign === 'center' ? ' text-anchor="middle"' : this.textAlign === 'right' || this.textAlign === 'end' ? ' text-anchor="end"' : ''
    const attributes = `font-size="${size}" font-weight="${weight}" fill="${this.fillStyle}"${anchor}${this.opacity('fill')}`
    if (attributes !== this.texts) {
      this.endTexts()
      this.parts.push(`<g ${attributes}>`)
      this.texts = attributes
    }
    const baseline = this.textBaseline === 'middle' ? y + this.ruler.baseline(this.font) : y
    const { width } = this.measureText(text)
    const as = width > 0 ? ` textLength="${short(width)}" lengthAdjust="spacingAndGlyphs"` : '' // where the font is not installed, another one has to fit as well
    this.parts.push(`<text x="${short(x)}" y="${short(baseline)}"${as}>${escaped(text)}</text>`)
  }

  measureText(text: string): TextMetrics { return this.ruler.measureText(text, this.font) }
  setLineDash(dash: number[]): void { this.dash = [...dash] }

  private opacity(what: 'fill' | 'stroke'): string {
    return this.globalAlpha === 1 ? '' : ` ${what}-opacity="${short(this.globalAlpha)}"`
  }

  private shape(text: string): void {
    this.endTexts()
    this.parts.push(text)
  }

  private endTexts(): void {
    if (this.texts) this.parts.push('</g>')
    this.texts = ''
  }
}
