/** What people read is written one way. */
import { expect, it } from 'vitest'
import { complaint, sentence } from './sentence'

it('begins with a capital and ends with a full stop, but leaves names alone', () => {
  expect(sentence('there is no file models/x.onnx')).toBe('There is no file models/x.onnx.')
  expect(sentence('did you mean Concat?')).toBe('Did you mean Concat?')
  expect(sentence("'conv_out' is declared as float32")).toBe("'conv_out' is declared as float32.")
  expect(sentence('ai.onnx has no operator Frobnicate')).toBe('ai.onnx has no operator Frobnicate.')
  expect(sentence('The server does not answer.')).toBe('The server does not answer.')
  expect(sentence('features is the name of another value')).toBe('features is the name of another value.')
  expect(sentence('nothing is left to undo')).toBe('Nothing is left to undo.')
  expect(sentence('onnxsim finds nothing to simplify')).toBe('onnxsim finds nothing to simplify.')
  expect(sentence('')).toBe('')
})

it('names the field that a complaint is about', () => {
  expect(complaint('operator', 'is needed')).toBe('Operator is needed.')
  expect(complaint('axis', 'x is not a whole number')).toBe('x is not a whole number.')
  expect(complaint('other inputs', 'Conv also needs W')).toBe('Conv also needs W.')
})
