/** The model that pages practise on is one like those they practise for. */
import { expect, test } from 'vitest'
import { scopeTree } from '../scopes/tree'
import { practiceModel } from '../document/practice'

test('its blocks are scopes by their names, identical ones, and a run of them', () => {
  const document = practiceModel()
  const tree = scopeTree(document, document.mainGraph)
  const run = tree.times.findIndex((times) => times > 1)
  expect(tree.origin).toBe('names')
  expect(tree.children(run)).toHaveLength(tree.times[run])
  expect(tree.nodeCount[run]).toBe(document.nodeCount)
})

test('every node but the first takes what another one makes, and its weights are tensors with a type', () => {
  const document = practiceModel()
  const [first, ...others] = document.nodesOf(document.mainGraph)
  expect(document.producerOf(document.inputAt(first!, 0))).toBe(-1)
  expect(document.isOutputAt(document.outputAt(others.at(-1)!, 0))).toBe(true)
  for (const node of others) expect(document.producerOf(document.inputAt(node, 0))).toBeGreaterThanOrEqual(0)
  expect(document.typeAt(document.inputAt(first!, 1))).toMatchObject({ dtype: 'float32', shape: [256] })
})
