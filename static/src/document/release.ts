/** Gives memory back before anybody collects garbage: megabytes that are not used any more would stay for long. */

/** The buffers must not be used afterwards. Browsers that cannot do it collect them later. */
export function release(buffers: Iterable<ArrayBuffer & { transfer?(length: number): ArrayBuffer }>): void {
  for (const buffer of buffers) buffer.transfer?.(0)
}
