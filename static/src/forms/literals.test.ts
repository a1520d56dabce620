/** What people type for shapes and attributes, and what the fields show back. */
import { describe, expect, it } from 'vitest'
import { attributeText, bytesText, countText, numberText, parseAttribute, parseShape, shapeText, typeText } from './literals'

describe('shapes', () => {
  it('reads dimensions parted by ×, commas, spaces or x between numbers', () => {
    const wanted = ['N', 3, 224, 224]
    for (const text of ['N×3×224×224', 'N, 3, 224, 224', '[N,3,224,224]', 'N 3 224 224', '(N, 3, 224, 224,)']) expect(parseShape(text)).toEqual(wanted)
    expect(parseShape('1x3x224')).toEqual([1, 3, 224])
    expect(parseShape('1 x max_len')).toEqual([1, 'max_len'])
  })
  it('keeps an x inside a name', () => {
    expect(parseShape('max_length×box')).toEqual(['max_length', 'box'])
  })
  it('knows unknown dimensions, unknown rank and scalars', () => {
    expect(parseShape('?×3')).toEqual([null, 3])
    expect(parseShape('  ')).toBeNull()
    expect(parseShape('scalar')).toEqual([])
    expect(parseShape('[]')).toEqual([])
  })
  it('refuses negative and broken dimensions in one line', () => {
    expect(() => parseShape('-1×3')).toThrow(/negative/)
    expect(() => parseShape('1,,3')).toThrow(/missing/)
    expect(() => parseShape('1.5, 3')).toThrow(/whole number/)
  })
  it('comes back as it was written', () => {
    for (const shape of [null, [], ['N', 3, null], [0]]) expect(parseShape(shapeText(shape))).toEqual(shape)
    expect(typeText({ dtype: 'float32', shape: ['N', 3] })).toBe('N×3 f32')
  })
})

describe('attribute values', () => {
  it('reads lists with and without brackets', () => {
    for (const text of ['3, 3', '[3,3]', '3 3', ' 3,3 ']) expect(parseAttribute('INTS', text)).toEqual([3, 3])
    expect(parseAttribute('INTS', '')).toEqual([])
    expect(parseAttribute('FLOATS', '0.5, -1e-3')).toEqual([0.5, -0.001])
  })
  it('keeps integers beyond 2^53 exact, as text', () => {
    expect(parseAttribute('INT', '9223372036854775807')).toBe('9223372036854775807')
    expect(() => parseAttribute('INT', '9223372036854775808')).toThrow(/64 bits/)
  })
  it('says what is wrong with a number', () => {
    expect(() => parseAttribute('INT', '1.5')).toThrow('1.5 is not a whole number')
    expect(() => parseAttribute('FLOAT', 'abc')).toThrow('abc is not a number')
    expect(() => parseAttribute('INTS', '1, x')).toThrow('x is not a whole number')
  })
  it('quotes only those strings of a list that need it', () => {
    const value = ['a', 'b,c', '', 'd"e']
    const text = attributeText({ type: 'STRINGS', value })
    expect(text).toBe('a, "b,c", "", "d\\"e"')
    expect(parseAttribute('STRINGS', text)).toEqual(value)
  })
  it('reads and writes dtypes by name where the attribute means one', () => {
    expect(attributeText({ type: 'INT', value: 10 }, 'to')).toBe('float16')
    expect(parseAttribute('INT', 'f16', 'to')).toBe(10)
    expect(parseAttribute('INT', '7', 'dtype')).toBe(7)
    expect(attributeText({ type: 'INT', value: 10 }, 'axis')).toBe('10')
    expect(() => parseAttribute('INT', 'float33', 'to')).toThrow(/no dtype/)
  })
  it('takes a string as it stands', () => {
    expect(parseAttribute('STRING', ' a, b ')).toBe(' a, b ')
  })
})

describe('figures', () => {
  it('are short and keep their meaning', () => {
    expect(bytesText(97_800_000)).toBe('97.8 MB')
    expect(bytesText(999_960)).toBe('1.0 MB')
    expect(countText(25_557_032)).toBe('25.6 M')
    expect(countText(126)).toBe('126')
    expect(numberText(1.23456e-7)).toBe('1.23e-7')
    expect(numberText(null)).toBe('–')
  })
})
