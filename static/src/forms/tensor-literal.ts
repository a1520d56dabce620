/** A tensor as people type it ⇄ the literal that edits take: {dtype, shape, data}, {dtype, shape, base64} or {formula}. */
import type { Shape } from '../protocol/types'
import { LiteralError, parseShape } from './literals'
import { base64Of, type NpyArray } from './npy'

export type Way = 'values' | 'formula' | 'file'
export interface FileData { name: string; array: NpyArray }
export interface TypedTensor { way: Way; dtype: string; shape: string; text: string; formula: string; file: FileData | null }
export interface TensorLiteral { dtype?: string; shape?: number[]; data?: unknown; base64?: string; formula?: string }
/** What the tensor is of now, or has to be of. */
export interface Standing { dtype: string; shape: Shape }

const FIXED: readonly string[] = ['NaN', 'Infinity', '-Infinity']

export function startOf(value: unknown, about: Standing | null): TypedTensor {
  const given = value as Partial<TensorLiteral> | undefined
  return {
    way: given?.formula !== undefined ? 'formula' : 'values', dtype: given?.dtype ?? (about && LITERAL.test(about.dtype) ? about.dtype : 'float32'), shape: given?.shape?.join(', ') ?? fixedShape(about),
    text: given?.data === undefined ? '' : JSON.stringify(given.data), formula: given?.formula ?? '', file: null,
  }
}

const LITERAL = /^(u?int\d+|b?float\w+|bool|string)$/

function fixedShape(about: Standing | null): string {
  return about?.shape?.every((dim) => typeof dim === 'number') ? about.shape.join(', ') || 'scalar' : ''
}

/** The literal, or what is wrong with it; neither while nothing was typed. */
export function readTensor(typed: TypedTensor, about: Standing | null = null): { tensor: TensorLiteral | undefined; wrong: string | null } {
  try {
    return { tensor: literalOf(typed, about), wrong: null }
  } catch (thrown) {
    if (!(thrown instanceof LiteralError)) throw thrown
    return { tensor: undefined, wrong: thrown.message }
  }
}

function literalOf(typed: TypedTensor, about: Standing | null): TensorLiteral | undefined {
  if (typed.way === 'file') return typed.file ? { dtype: typed.file.array.dtype, shape: typed.file.array.shape, base64: base64Of(typed.file.array.bytes) } : undefined
  const shape = shapeOf(typed.shape)
  if (typed.way === 'formula') {
    if (typed.formula.trim() === '') return undefined
    const same = (dtype: string): boolean => dtype === about?.dtype // what stands need not be said, and the recipe fits elsewhere
    return { formula: typed.formula.trim(), ...(same(typed.dtype) ? {} : { dtype: typed.dtype }), ...(shape && typed.shape !== fixedShape(about) ? { shape } : {}) }
  }
  if (typed.text.trim() === '') return undefined
  const data = parseData(typed.text, typed.dtype)
  const count = countOf(data)
  if (shape && product(shape) !== count) throw new LiteralError(`${count === 1 ? '1 value was' : `${count} values were`} typed where the shape has ${product(shape)}`)
  return { dtype: typed.dtype, ...(shape ? { shape } : {}), data }
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
  const json = /^(\[|-?\d+$)/.test(text.trim())
  const whole = json && /int/.test(dtype) ? text.replace(/(?<![\w".])-?\d{16,}(?![\w".])/g, '"$&"') : text // beyond what JSON.parse reads exactly
  const words = whole.trim().replace(/(?<![\w"])(-?)(?:inf(?:inity)?|∞)(?![\w"])/gi, '"$1Infinity"').replace(/(?<![\w"])nan(?![\w"])/gi, '"NaN"')
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

/** One element as it is typed. Throws LiteralError. */
export function parseElement(text: string, dtype: string): unknown {
  if (dtype === 'string') return text
  const bare = text.trim().replace('−', '-')
  if (dtype === 'bool') {
    if (/^(true|1)$/i.test(bare)) return true
    if (/^(false|0)$/i.test(bare)) return false
    throw new LiteralError(`${bare || 'nothing'} is neither true nor false`)
  }
  if (bare === '') throw new LiteralError('a number is needed')
  const data = parseData(bare, dtype)
  if (Array.isArray(data) || typeof data === 'boolean') throw new LiteralError(`${bare} is not one number`)
  if (/int/.test(dtype) && FIXED.includes(String(data))) throw new LiteralError(`${bare} is not a whole number`)
  return data
}
