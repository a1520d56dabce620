/** The canvas shows an edit before the panels do: what they draw, and the page's layout after it, would hold up the picture. But whoever types or clicks meanwhile is not kept waiting. */
import { options } from 'preact'

/** a page that is not in sight has no frames */
const PATIENCE_MS = 100

/** draws the panels that changed; null when none did since they were drawn last */
let due: (() => void) | null = null

/** Draws at once what changed: for what takes the focus, as the next key belongs to it, and for who looks at the page's elements. */
export function drawNow(): void {
  const draw = due
  due = null
  draw?.()
}

export class PictureFirst {
  private picture: Promise<void> | null = null

  /** From now on panels are drawn when the pictures that are waited for are out. */
  constructor() {
    options.debounceRendering = (draw) => {
      due = draw
      queueMicrotask(() => (this.picture ? void this.picture.then(drawNow) : drawNow()))
    }
    // each key is for the panels as the one before left them, and nothing is drawn between a letter in a field and its being heard of;
    // what is clicked is what was seen, so that is drawn after
    for (const type of ['keydown', 'beforeinput']) window.addEventListener(type, (event) => { this.waitNoLonger(); drawNow(); passOn(event) }, true)
    for (const type of ['pointerdown', 'click']) {
      window.addEventListener(type, () => { this.waitNoLonger(); setTimeout(drawNow) }, true)
      window.addEventListener(type, drawNow)
    }
  }

  /** `shown` resolves when the picture is on its way to the screen. */
  wait(shown: Promise<void>): void {
    const picture = Promise.race([shown, new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS))]).then(() => { if (this.picture === picture) this.picture = null })
    this.picture = picture
  }

  private waitNoLonger(): void {
    this.picture = null
  }
}

/** A key for what was just taken off the page, such as a dialog that a click has closed, is for what has the focus now. */
function passOn(event: Event): void {
  if (!(event instanceof KeyboardEvent) || !(event.target instanceof Element) || event.target.isConnected) return
  event.stopImmediatePropagation()
  if (!(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent(event.type, event))) event.preventDefault()
}
