import { describe, expect, it } from 'vitest'
import { elementAt, inside, linesOf, pieceOf, placeOf, plane } from './tensor-slices'

const ROOM = { rows: 4, columns: 5 }
const START = { lead: [], row: 0, column: 0 }

describe('the piece of a tensor that a table shows', () => {
  it('is the one element of a scalar', () => {
    expect(pieceOf([], START, ROOM)).toEqual({ start: 0, count: 1, rows: 1, stride: 1 })
  })

  it('lays a vector out in lines of the table', () => {
    expect(plane([12], ROOM)).toEqual({ rows: 3, columns: 5 })
    const piece = pieceOf([12], { ...START, row: 1 }, ROOM)!
    expect(piece).toEqual({ start: 5, count: 7, rows: 1, stride: 0 })
    expect(linesOf([5, 6, 7, 8, 9, 10, 11], [12], piece, ROOM)).toEqual([[5, 6, 7, 8, 9], [10, 11]])
  })

  it('cuts rows and columns out of a matrix', () => {
    const piece = pieceOf([10, 8], { lead: [], row: 8, column: 5 }, ROOM)!
    expect(piece).toEqual({ start: 8 * 8 + 5, count: 3, rows: 2, stride: 8 })
    expect(linesOf([1, 2, 3, 4, 5, 6], [10, 8], piece, ROOM)).toEqual([[1, 2, 3], [4, 5, 6]])
  })

  it('steps over whole planes with the leading indices', () => {
    expect(pieceOf([2, 3, 4, 5], { lead: [1, 2], row: 1, column: 0 }, ROOM)).toEqual({ start: ((1 * 3 + 2) * 4 + 1) * 5, count: 5, rows: 3, stride: 5 })
  })

  it('is nothing of an empty tensor', () => {
    expect(pieceOf([0, 3], START, ROOM)).toBeNull()
  })

  it('stays inside whatever is asked for', () => {
    expect(inside([2, 3, 4], { lead: [7], row: 9, column: -1 }, ROOM)).toEqual({ lead: [1], row: 2, column: 0 })
    expect(inside([7], { lead: [3], row: 9, column: 4 }, ROOM)).toEqual({ lead: [], row: 1, column: 0 })
  })
})

describe('the element at a place of the table', () => {
  it('is found in a vector, line by line, and nowhere after its end', () => {
    const piece = pieceOf([12], { ...START, row: 1 }, ROOM)!
    expect(elementAt([12], piece, ROOM, 1, 1)).toBe(11)
    expect(elementAt([12], piece, ROOM, 1, 2)).toBeNull()
  })

  it('is found in a plane of a larger tensor, and its indices with it', () => {
    const shape = [2, 3, 4, 5]
    const piece = pieceOf(shape, { lead: [1, 2], row: 1, column: 2 }, { rows: 2, columns: 2 })!
    const element = elementAt(shape, piece, { rows: 2, columns: 2 }, 1, 1)!
    expect(placeOf(shape, element)).toEqual([1, 2, 2, 3])
    expect(elementAt(shape, piece, { rows: 2, columns: 2 }, 2, 0)).toBeNull()
  })

  it('of a scalar has no indices', () => {
    expect(elementAt([], pieceOf([], START, ROOM)!, ROOM, 0, 0)).toBe(0)
    expect(placeOf([], 0)).toEqual([])
  })
})
