/** A name as it is told inside its scope. */

/** Without what the scope around it says already: `/model/attn/q_proj/MatMul` in `model/attn` is `q_proj/MatMul`. Elsewhere its last part. */
export function nameWithin(name: string, path: string): string {
  const from = name.startsWith('/') ? 1 : 0
  const end = from + path.length
  const told = path !== '' && name.length > end + 1 && parted(name.slice(from, end)) === parted(path) && /[/.]/.test(name[end]!)
  if (told) return name.slice(end + 1)
  const slash = name.lastIndexOf('/', name.length - 2) + 1
  return slash > 0 ? name.slice(slash) : name.slice(name.lastIndexOf('.', name.length - 2) + 1)
}

/** Scopes are parted at slashes and at dots. */
function parted(name: string): string {
  return name.replaceAll('.', '/')
}
