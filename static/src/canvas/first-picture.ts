/** A first picture of a graph that is still to come: whichever layout is done first gives it. */

export class FirstPicture {
  readonly promise: Promise<void>
  resolve!: () => void
  reject!: (reason: unknown) => void

  constructor(readonly how: 'fit' | 'keep') {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}
