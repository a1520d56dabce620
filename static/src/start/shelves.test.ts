/** The start page lists a model once. */
import { describe, expect, it } from 'vitest'
import { closedOnes } from './Shelves'

const recent = (...paths: string[]): { name: string; path: string; at: string; bytes: number }[] => paths.map((path) => ({ name: path, path, at: '', bytes: 1 }))

describe('the recent files', () => {
  it('are those that do not stand among the open models', () => {
    const open = [{ session: '1', name: 'b.onnx', path: 'nets/b.onnx' }, { session: '2', name: 'sample', path: '' }]
    expect(closedOnes(recent('a.onnx', 'nets/b.onnx', 'b.onnx'), open).map((one) => one.path)).toEqual(['a.onnx', 'b.onnx'])
  })
  it('hold an open model that the list of these has no room for', () => {
    const open = Array.from({ length: 12 }, (_, at) => ({ session: String(at), name: 'x', path: `${at}.onnx` }))
    expect(closedOnes(recent('0.onnx', '11.onnx'), open).map((one) => one.path)).toEqual(['11.onnx'])
  })
})
