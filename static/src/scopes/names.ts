/** The scope that a name says, as exporters write names. */

const NUMBER = /^\d+$/

export function isNumber(part: string): boolean {
  return NUMBER.test(part)
}

/**
 * The path of the scope of a name: what stands before its last part. `/encoder/layer.0/Conv` is in `encoder/layer.0`, `/Conv` in the graph itself
 * (''); null: the name has no parts. The server reads names in the same way, to give new nodes theirs.
 */
export function pathInName(name: string): string | null {
  const slash = name.lastIndexOf('/')
  if (slash >= 0) return pathOf(name.slice(0, slash))
  const prefix = beforeDot(name)
  return prefix === null ? null : dotted(prefix).join('/') || null
}

/** A number alone says nothing: `encoder/0` is `encoder`, `encoder.0`. */
export function pathOf(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) if (part !== '') parts.push(isNumber(part) && parts.length > 0 ? `${parts.at(-1)!}.${part}` : part)
  return parts.join('/')
}

/** What a name of parts with dots says before its last part, or its last part and number; null: it has no such parts. */
export function beforeDot(name: string): string | null {
  const dot = name.lastIndexOf('.')
  if (dot <= 0) return null
  return name.slice(0, isNumber(name.slice(dot + 1)) ? Math.max(0, name.lastIndexOf('.', dot - 1)) : dot)
}

/** A number is said with the part before it: `model.layers.0.mlp` is in `model`, `layers.0`, `mlp`, and `net.0.1.conv` in `net.0`, `net.0.1`, `conv`. */
export function dotted(prefix: string): string[] {
  const parts: string[] = []
  let named = false
  for (const part of prefix.split('.')) {
    if (part === '') continue
    const number = isNumber(part) && parts.length > 0
    if (!number) parts.push(part)
    else if (named) parts[parts.length - 1] += `.${part}`
    else parts.push(`${parts.at(-1)!}.${part}`)
    named = !number
  }
  return parts
}
