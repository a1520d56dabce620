/** The canvas shows an edit before the panels do: what they draw, and the page's layout after it, would hold up the picture. */
import { options } from 'preact'

/** a page that is not in sight has no frames */
const PATIENCE_MS = 100

export class PictureFirst {
  private picture: Promise<void> | null = null

  /** From now on panels are drawn when the pictures that are waited for are out. */
  constructor() {
    options.debounceRendering = (render) => queueMicrotask(() => this.picture ? void this.picture.then(render) : render())
  }

  /** `shown` resolves when the picture is on its way to the screen. */
  wait(shown: Promise<void>): void {
    const picture = Promise.race([shown, new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS))]).then(() => { if (this.picture === picture) this.picture = null })
    this.picture = picture
  }
}
