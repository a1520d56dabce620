/** Examples of what can be typed into Find, made of what the model has. */
import type { ModelDocument } from '../document/model'

const LOOKED_AT = 400 // nodes
const DULL = new Set(['Constant', 'Identity'])

export interface Example { text: string; means: string }

export function exampleQueries(document: ModelDocument, graph: string): Example[] {
  const ops = new Map<string, number>()
  const lists = new Map<string, string>()
  let shape = '1,64,*'
  let dtype = 'float16'
  for (const node of document.nodesOf(graph).slice(0, LOOKED_AT)) {
    const { op_type } = document.operatorAt(node)
    ops.set(op_type, (ops.get(op_type) ?? 0) + 1)
    for (const [name, { type, value }] of document.attributesAt(node)) if (type === 'INTS' && Array.isArray(value) && value.length > 0 && value.length < 5) lists.set(name, value.join(','))
    const made = document.outputCountAt(node) > 0 ? document.outputAt(node, 0) : -1
    const type = made < 0 ? null : document.typeAt(made)
    if (type?.dtype && !type.dtype.includes('(')) dtype = type.dtype
    if (type?.shape && type.shape.length < 5 && type.shape.slice(0, -1).some((dim) => typeof dim === 'number' && dim > 1)) shape = type.shape.map((dim, i) => (i === type.shape!.length - 1 ? '*' : String(dim ?? '*'))).join(',')
  }
  const input = document.value(document.graph(graph)?.inputs[0] ?? '')?.name.slice(0, 24).replace(/\s.*/s, '') || 'x'
  const [first, second] = [...ops].filter(([op]) => !DULL.has(op)).sort((a, b) => b[1] - a[1]).map(([op]) => op)
  const [list] = ['kernel_shape', 'perm', 'axes', ...lists.keys()].filter((name) => lists.has(name))
  return [
    { text: `op:${first ?? 'Conv'}`, means: 'an operator' },
    { text: list ? `${list}:${lists.get(list)!}` : 'kernel_shape:1,1', means: 'attribute; * is any item' },
    { text: `dtype:${dtype}`, means: 'a type' },
    { text: `shape:${shape}`, means: '… any more dims' },
    { text: 'init:weight', means: 'an initializer' },
    { text: `takes:${input}`, means: 'or makes:' },
    { text: 'name:conv', means: 'names only' },
    { text: `-op:${second ?? 'Cast'}`, means: 'all but these' },
    { text: '"two words"', means: 'just as it stands' },
    { text: '/conv\\d+$/', means: 'a regular expression' },
  ]
}
