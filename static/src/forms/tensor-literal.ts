/** A tensor as people type it ⇄ the literal that edits take: {dtype, shape, data} or {dtype, shape, base64}. */
import type { ValueView } from '../protocol/types'
import { LiteralError, parseShape } from './literals'

export type Fill = 'values' | 'zeros' | 'ones'
export interface TypedTensor { dtype: string; shape: string; fill: Fill; text: string }
export interface TensorLiteral { dtype: string; shape?: number[]; data?: unknown; base64?: string }

const MOST_BYTES = 1_000_000 // of a fill; a literal travels with its edit and stays in the recipe
const BYTES: Readonly<Record<string, number>> = {
  float32: 4, float64: 8, float16: 2, bfloat16: 2, int64: 8, int32: 4, int16: 2, int8: 1, uint64: 8, uint32: 4, uint16: 2, uint8: 1, bool: 1, complex64: 8, complex128: 16,
}
const FIXED: readonly string[] = ['NaN', 'Infinity', '-Infinity']

export function startOf(value: unknown, about: ValueView | undefined): TypedTensor {
  const given = value as Partial<TensorLiteral> | undefined
  const fixed = about?.shape?.every((dim) => typeof dim === 'number') ? about.shape.join(', ') || 'scalar' : ''
  return { dtype: given?.dtype ?? (about && about.dtype in BYTES ? about.dtype : 'float32'), shape: given?.shape?.join(', ') ?? fixed, fill: 'values', text: given?.data === undefined ? '' : JSON.stringify(given.data) }
}

/** The literal, or what is wrong with it; neither while nothing was typed. */
export function readTensor(typed: TypedTensor): { tensor: TensorLiteral | undefined; wrong: string | null } {
  try {
    const shape = shapeOf(typed.shape)
    if (typed.fill !== 'values') return { tensor: filled(typed.dtype, shape, typed.fill), wrong: null }
    if (typed.text.trim() === '') return { tensor: undefined, wrong: null }
    const data = parseData(typed.text, typed.dtype)
    const count = countOf(data)
    if (shape && product(shape) !== count) throw new LiteralError(`${count === 1 ? '1 value was' : `${count} values were`} typed where the shape has ${product(shape)}`)
    return { tensor: { dtype: typed.dtype, ...(shape ? { shape } : {}), data }, wrong: null }
  } catch (thrown) {
    if (!(thrown instanceof LiteralError)) throw thrown
    return { tensor: undefined, wrong: thrown.message }
  }
}

/** undefined: as the values are nested. */
function shapeOf(text: string): number[] | undefined {
  if (text.trim() === '') return undefined
  const shape = parseShape(text) ?? []
  if (!shape.every((dim) => typeof dim === 'number')) throw new LiteralError('every dimension of a tensor is a number')
  return shape
}

/** `1, 2, 3`, `1 2 3` or nested JSON lists; NaN and Infinity as words; text in quotes. */
export function parseData(text: string, dtype: string): unknown {
  const words = text.trim().replace(/(?<![\w"])(-?)(?:inf(?:inity)?|∞)(?![\w"])/gi, '"$1Infinity"').replace(/(?<![\w"])nan(?![\w"])/gi, '"NaN"')
  try {
    return checked(JSON.parse(words) as unknown, dtype)
  } catch (thrown) {
    if (thrown instanceof LiteralError) throw thrown
  }
  const bare = /^[[{]/.test(words) ? null : words.replace(/,\s*$/, '')
  const parts = bare === null ? [] : bare.includes('"') ? [] : bare.split(/[\s,]+/).filter(Boolean)
  if (bare === null) throw new LiteralError('a bracket or a comma is missing in the values')
  const items = dtype === 'string' ? bare.split(',').map((part) => part.trim().replace(/^"(.*)"$/, '$1')) : parts.length > 0 ? parts.map(number) : (JSON.parse(`[${bare}]`) as unknown[])
  return checked(items.length === 1 && !/,\s*$/.test(words) ? items[0] : items, dtype)
}

function number(part: string): unknown {
  if (/^(true|false)$/i.test(part)) return /^true$/i.test(part)
  const found = Number(part)
  if (Number.isNaN(found)) throw new LiteralError(`${part} is not a number`)
  return Number.isInteger(found) && !Number.isSafeInteger(found) && /^-?\d+$/.test(part) ? part : found
}

function checked(data: unknown, dtype: string): unknown {
  if (Array.isArray(data)) return data.map((item) => checked(item, dtype))
  if (data === null || typeof data === 'object') throw new LiteralError('values are numbers, true or false, or text in quotes')
  if (dtype === 'string') return typeof data === 'string' ? data : String(data)
  if (typeof data === 'string' && !FIXED.includes(data) && !/^-?\d+$/.test(data)) throw new LiteralError(`${data} is not a number`)
  if (typeof data === 'number' && /int/.test(dtype) && !Number.isInteger(data)) throw new LiteralError(`${data} is not a whole number`)
  return data
}

function countOf(data: unknown): number {
  return Array.isArray(data) ? data.reduce<number>((sum, item) => sum + countOf(item), 0) : 1
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, dim) => all * dim, 1)
}

function filled(dtype: string, shape: number[] | undefined, fill: 'zeros' | 'ones'): TensorLiteral {
  if (!shape) throw new LiteralError('a shape is needed to fill it')
  const size = BYTES[dtype]
  const count = product(shape)
  if (size === undefined || dtype.startsWith('complex')) throw new LiteralError(`${dtype} can only be given value by value`)
  if (count * size > MOST_BYTES) throw new LiteralError('it is too large to be filled from here')
  const bytes = new Uint8Array(count * size)
  if (fill === 'ones') for (let at = 0; at < count; at++) bytes.set(oneOf(dtype, size), at * size)
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return { dtype, shape, base64: btoa(text) }
}

/** The little-endian bytes of 1. */
function oneOf(dtype: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  if (dtype === 'float32') view.setFloat32(0, 1, true)
  else if (dtype === 'float64') view.setFloat64(0, 1, true)
  else if (dtype === 'float16') view.setUint16(0, 0x3c00, true)
  else if (dtype === 'bfloat16') view.setUint16(0, 0x3f80, true)
  else bytes[0] = 1
  return bytes
}
