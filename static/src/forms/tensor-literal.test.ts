/** Tensors as people type them: exact, and wrong ones are told. */
import { describe, expect, it } from 'vitest'
import { parseElement, readTensor, startOf, type TypedTensor } from './tensor-literal'

const STANDING = { dtype: 'float32', shape: [2, 3] }
const typed = (change: Partial<TypedTensor>): TypedTensor => ({ ...startOf(undefined, STANDING), ...change })

describe('a tensor that is typed', () => {
  it('begins with the type that stands', () => {
    expect(startOf(undefined, STANDING)).toMatchObject({ way: 'values', dtype: 'float32', shape: '2, 3' })
    expect(startOf(undefined, { dtype: 'int64', shape: ['N'] })).toMatchObject({ dtype: 'int64', shape: '' })
  })

  it('is a formula alone while its type is the one that stands', () => {
    expect(readTensor(typed({ way: 'formula', formula: ' x * 2 ' }), STANDING).tensor).toEqual({ formula: 'x * 2' })
    expect(readTensor(typed({ way: 'formula', formula: 'ones', dtype: 'int64', shape: '4' }), STANDING).tensor).toEqual({ formula: 'ones', dtype: 'int64', shape: [4] })
  })

  it('is nothing before something was typed or chosen', () => {
    for (const way of ['values', 'formula', 'file'] as const) expect(readTensor(typed({ way }), STANDING)).toEqual({ tensor: undefined, wrong: null })
  })

  it('is the bytes of a file', () => {
    const array = { dtype: 'uint8', shape: [2], bytes: new Uint8Array([1, 2]) }
    expect(readTensor(typed({ way: 'file', file: { name: 'a.npy', array } }), STANDING).tensor).toEqual({ dtype: 'uint8', shape: [2], base64: 'AQI=' })
  })

  it('keeps whole numbers that a double cannot hold', () => {
    for (const text of ['1, 9007199254740993', '1 9007199254740993', '[1, 9007199254740993]'])
      expect(readTensor(typed({ text, dtype: 'int64', shape: '2' }), STANDING).tensor?.data).toEqual([1, '9007199254740993'])
  })

  it('has as many values as its shape', () => {
    expect(readTensor(typed({ text: '1, 2' }), STANDING).wrong).toBe('2 values were typed where the shape has 6')
  })
})

describe('one element', () => {
  it.each([['1.5', 'float32', 1.5], ['−2', 'float32', -2], ['inf', 'float16', 'Infinity'], ['NaN', 'float32', 'NaN'], ['9007199254740993', 'int64', '9007199254740993'], ['1', 'bool', true], ['False', 'bool', false], ['1, 2', 'string', '1, 2']])(
    '%s as %s', (text, dtype, value) => expect(parseElement(text, dtype)).toBe(value))

  it.each([['', 'float32'], ['1, 2', 'float32'], ['1.5', 'int64'], ['NaN', 'int64'], ['true', 'float32'], ['yes', 'bool'], ['abc', 'float32'], ['[1]', 'float32']])('%s is no %s', (text, dtype) => {
    expect(() => parseElement(text, dtype)).toThrow()
  })
})
