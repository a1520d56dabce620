/** How wide text is, measured once per character or string and font. */

export type FontName = 'title' | 'name' | 'row'

export const FONT_FAMILY = '"Inter Variable", Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif'
export const FONTS: Readonly<Record<FontName, string>> = {
  title: `600 12px ${FONT_FAMILY}`,
  name: `600 11px ${FONT_FAMILY}`,
  row: `400 11px ${FONT_FAMILY}`,
}

export interface Measure {
  width(text: string, font: FontName): number
}

/** Advances of the fonts, for all canvases of the page. */
const known = new Map<FontName, Float64Array>()

/** Measures with a 2D context: plain ASCII as the sum of its characters (kerning is less than a pixel), other text whole. */
export class CanvasMeasure implements Measure {
  private readonly whole = new Map<string, number>()

  constructor(private readonly context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D) {}

  width(text: string, font: FontName): number {
    const advances = known.get(font) ?? this.ascii(font)
    let sum = 0
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code < 128) sum += advances[code]
      else if (code === 0xd7) sum += advances[0]
      else if (code === 0x2026) sum += advances[1]
      else return this.measured(text, font)
    }
    return sum
  }

  /** Forgets everything: the font has arrived. */
  clear(): void {
    known.clear()
    this.whole.clear()
  }

  private ascii(font: FontName): Float64Array {
    this.context.font = FONTS[font]
    const advances = new Float64Array(128)
    for (let code = 32; code < 127; code++) advances[code] = this.context.measureText(String.fromCharCode(code)).width
    advances[0] = this.context.measureText('×').width
    advances[1] = this.context.measureText('…').width
    known.set(font, advances)
    return advances
  }

  private measured(text: string, font: FontName): number {
    const key = `${font}\n${text}`
    let width = this.whole.get(key)
    if (width === undefined) {
      this.context.font = FONTS[font]
      width = this.context.measureText(text).width
      this.whole.set(key, width)
    }
    return width
  }
}

/** a letter, and the sign between dims */
const ASKED_FOR = 'A×'

let fontsAreHere = false

/** Waits for the fonts; whether any came that may not have been there when this was asked, so that others stood in for it. */
export async function fontsCame(): Promise<boolean> {
  if (fontsAreHere) return false
  const loaded = await Promise.all(Object.values(FONTS).map((font) => document.fonts.load(font, ASKED_FOR)))
  fontsAreHere = loaded.some((faces) => faces.length > 0)
  return fontsAreHere
}

/** The text, or its beginning and '…', so that it is at most `most` wide. */
export function fit(text: string, font: FontName, most: number, measure: Measure): string {
  if (measure.width(text, font) <= most) return text
  const characters = Array.from(text)
  let low = 0
  let high = characters.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (measure.width(`${characters.slice(0, middle).join('')}…`, font) <= most) low = middle
    else high = middle - 1
  }
  return `${characters.slice(0, low).join('')}…`
}
