/** Names inside scopes keep what tells them apart. */
import { expect, it } from 'vitest'
import { nameWithin } from './within'

it('leaves out what the scope says, and no more', () => {
  expect(nameWithin('/model/layers.50/attn/q_proj/MatMul', 'model/layers.50/attn')).toBe('q_proj/MatMul')
  expect(nameWithin('/model/layers.50/attn/Softmax', 'model/layers/50/attn')).toBe('Softmax')
  expect(nameWithin('layer1.conv.weight', 'layer1')).toBe('conv.weight')
})

it('takes the last part where the name does not begin with its scope', () => {
  expect(nameWithin('/elsewhere/b/MatMul', 'model/attn')).toBe('MatMul')
  expect(nameWithin('/model/attention/MatMul', 'model/attn')).toBe('MatMul')
  expect(nameWithin('plain', 'model/attn')).toBe('plain')
  expect(nameWithin('/model/attn', 'model/attn')).toBe('attn')
})
