/** Classes of modules, from what exporters write about nodes. */
import { expect, test } from 'vitest'
import { moduleClass } from './module-class'

const METADATA = [
  { key: 'pkg.torch.onnx.name_scopes', value: "['', 'encoder', 'encoder.layers.0', 'encoder.layers.0.linear1', 'addmm']" },
  { key: 'pkg.torch.onnx.class_hierarchy', value: "['my.Model', 'my.Encoder', \"my.Layer\", 'torch.nn.modules.linear.Linear', 'aten.addmm.default']" },
]

test.each([['encoder', 'my.Encoder'], ['encoder / layers.0', 'my.Layer'], ['encoder / layers.0–11', 'my.Layer'], ['encoder / layers.0 / linear1 (2)', 'torch.nn.modules.linear.Linear'], ['decoder', ''], ['addmm', '']])('the scope %s is of class %s', (scope, found) => {
  expect(moduleClass(METADATA, scope)).toBe(found)
})

test('a node without such metadata says nothing', () => {
  expect(moduleClass([{ key: 'namespace', value: ': Model/encoder: Encoder' }], 'encoder')).toBe('')
})
