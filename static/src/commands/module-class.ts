/** What class of module a scope is, as exporters write it into the metadata of its nodes. */

const NAMES = 'pkg.torch.onnx.name_scopes'
const CLASSES = 'pkg.torch.onnx.class_hierarchy'
const QUOTED = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g
const LONGEST = 4096 // characters that are looked at

/** 'torch.nn.modules.linear.Linear' for the scope of this name, by the metadata of a node in it; '' when it does not say. */
export function moduleClass(metadata: readonly { key: string; value: string }[], scope: string): string {
  const listOf = (wanted: string): string[] => Array.from((metadata.find(({ key }) => key === wanted)?.value ?? '').slice(0, LONGEST).matchAll(QUOTED), ([, single, double]) => single ?? double ?? '')
  const names = listOf(NAMES)
  const last = scope.split(/ \/ |\//).at(-1)!.replace(/ \(\d+\)$/, '').replace(/–\d+$/, '')
  const at = names.slice(0, -1).findLastIndex((name) => name !== '' && (name === last || name.endsWith(`.${last}`))) // the last is the node itself
  return at < 0 ? '' : listOf(CLASSES)[at] ?? ''
}
