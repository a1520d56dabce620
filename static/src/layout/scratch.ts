/** Arrays that one layout leaves to the next: they are as long as the graph is large, and fresh memory costs more than what is done with it. */

type Scratched = Int32Array | Uint32Array | Float32Array
type Kind<T extends Scratched> = new (length: number) => T

/** below this, arrays are not worth keeping */
const WORTH_KEEPING = 4096

export class Scratch {
  private readonly kept = new Map<string, Scratched>()

  /**
   * An array of at least this length, with anything in it, for as long as the layout is at work. The next one that asks by this name gets
   * the same.
   */
  take<T extends Scratched>(name: string, kind: Kind<T>, length: number): T {
    if (length < WORTH_KEEPING) return new kind(length)
    const known = this.kept.get(name)
    if (known instanceof kind && known.length >= length && known.length <= 2 * length) return known
    const made = new kind(Math.ceil(length * 1.1))
    this.kept.set(name, made)
    return made
  }

  /** An array that replaced one of this name, because it was too short. */
  put(name: string, longer: Scratched): void {
    this.kept.set(name, longer)
  }
}
