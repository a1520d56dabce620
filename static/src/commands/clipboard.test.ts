/** What counts as copied nodes on the clipboard, and when their weights are elsewhere. */
import { expect, test } from 'vitest'
import { fragmentIn, tensorsElsewhere } from './clipboard'

test('only a fragment of this format is one', () => {
  expect(fragmentIn('{"fragment": 1, "nodes": []}')).toEqual({ fragment: 1, nodes: [] })
  for (const text of ['', 'Relu', '{}', '{"fragment": 2, "nodes": []}', '{"fragment": 1}', '{"fragment": 1, "nodes": [', '[1]']) expect(fragmentIn(text)).toBeNull()
})

test('weights of another session make a paste long, those of this one do not', () => {
  const named = (session: string): unknown => ({ inputs: { w: { tensor: { dtype: 'float32', shape: [9], source: 'value:w', session } } } })
  expect(tensorsElsewhere(named('a'), 'a')).toBe(false)
  expect(tensorsElsewhere(named('b'), 'a')).toBe(true)
  expect(tensorsElsewhere({ origin: { session: 'b' }, nodes: [] }, 'a')).toBe(false)
})
