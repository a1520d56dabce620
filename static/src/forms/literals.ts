/** Text as people type it ⇄ the JSON of shapes and attribute values. Parsing throws LiteralError with one line for the field. */
import type { AttributeView, Dim, Shape } from '../protocol/types'

export class LiteralError extends Error {}

const DTYPE_SHORT: Record<string, string> = {
  float32: 'f32', float16: 'f16', float64: 'f64', bfloat16: 'bf16', int64: 'i64', int32: 'i32', int16: 'i16', int8: 'i8', uint64: 'u64',
  uint32: 'u32', uint16: 'u16', uint8: 'u8', int4: 'i4', uint4: 'u4', bool: 'bool', string: 'string', complex64: 'c64', complex128: 'c128',
}
export const DTYPES = [
  'float32', 'float16', 'bfloat16', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint64', 'uint32', 'uint16', 'uint8', 'bool', 'string',
  'int4', 'uint4', 'complex64', 'complex128', 'float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz', 'float4e2m1',
] as const

export function shortDtype(dtype: string): string {
  return DTYPE_SHORT[dtype] ?? dtype
}

/** `N×3×224×224`; `?` for an unknown dimension, `scalar` for rank 0, '' when the rank is unknown. */
export function shapeText(shape: Shape): string {
  if (shape === null) return ''
  return shape.length === 0 ? 'scalar' : shape.map((dim) => (dim === null ? '?' : String(dim))).join('×')
}

/** `N×64×56×56 f32`, or what of it is known. */
export function typeText(value: { dtype: string; shape: Shape }): string {
  return [shapeText(value.shape), shortDtype(value.dtype)].filter(Boolean).join(' ')
}

/** `N×3×224×224`, `N, 3, 224, 224` or `[N,3]`; `?` unknown dimension; '' unknown rank; `scalar` or `[]` rank 0. */
export function parseShape(text: string): Shape {
  const trimmed = text.trim()
  if (trimmed === '') return null
  if (/^(scalar|\[\s*\]|\(\s*\))$/i.test(trimmed)) return []
  const bare = trimmed.replace(/^[[(]|[\])]$/g, '').replace(/,\s*$/, '')
  // x and * part dimensions too, but only between numbers or around spaces: max_length stays one name
  const parts = bare.replace(/(?<=[\d?\s])[x*](?=[\d?\s])|(?<=[\d?])[x*](?=\p{L})|×/gu, ',').split(/\s*,\s*|\s+/)
  return parts.map(parseDim)
}

function parseDim(part: string): Dim {
  if (part === '?' || part === 'None') return null
  if (/^\d+$/.test(part)) {
    if (!Number.isSafeInteger(Number(part))) throw new LiteralError(`${part} is too large for a dimension`)
    return Number(part)
  }
  if (/^-/.test(part)) throw new LiteralError(`${part}: a dimension cannot be negative; write ? when it is unknown`)
  if (/^\d+\.\d*$/.test(part)) throw new LiteralError(`${part}: a dimension is a whole number or a name`)
  if (part === '') throw new LiteralError('a dimension is missing; write ? when it is unknown')
  return part
}

const LISTS: Record<string, string> = { INTS: 'INT', FLOATS: 'FLOAT', STRINGS: 'STRING' }
/** Attribute types that one line of text can say. */
export function isTextual(type: string): boolean {
  return ['INT', 'FLOAT', 'STRING', 'INTS', 'FLOATS', 'STRINGS'].includes(type)
}

/** Integer attributes that are numbers of onnx.TensorProto.DataType: people read and write the dtype's name. */
const DTYPE_ATTRIBUTES = new Set(['to', 'dtype', 'output_dtype'])
const DTYPE_NUMBERS: Readonly<Record<string, number>> = {
  float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, string: 8, bool: 9, float16: 10, float64: 11, uint32: 12,
  uint64: 13, complex64: 14, complex128: 15, bfloat16: 16, float8e4m3fn: 17, float8e4m3fnuz: 18, float8e5m2: 19, float8e5m2fnuz: 20,
  uint4: 21, int4: 22, float4e2m1: 23,
}

function isDtypeAttribute(type: string, name: string): boolean {
  return type === 'INT' && DTYPE_ATTRIBUTES.has(name)
}

const PLAIN_TYPES: Readonly<Record<string, string>> = { INT: 'an integer', INTS: 'integers, such as 1, 2', FLOAT: 'a number', FLOATS: 'numbers, such as 0.5, 1', STRING: 'a text', STRINGS: 'texts, separated by commas' }

/** What an empty field of this attribute says: what it takes, in plain words. */
export function typeHint(type: string, name: string): string {
  return isDtypeAttribute(type, name) ? 'float32, int64…' : PLAIN_TYPES[type] ?? type.toLowerCase()
}

export function attributeText(attribute: Pick<AttributeView, 'type' | 'value'>, name = ''): string {
  const { type, value } = attribute
  const dtype = isDtypeAttribute(type, name) ? Object.entries(DTYPE_NUMBERS).find(([, number]) => number === value)?.[0] : undefined
  if (dtype) return dtype
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map((item) => itemText(LISTS[type] ?? 'STRING', item)).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function itemText(type: string, item: unknown): string {
  if (type !== 'STRING') return String(item)
  const text = String(item)
  return /[,"\\]|^\s|\s$|^$/.test(text) ? JSON.stringify(text) : text
}

/** The JSON value of a typed attribute; integers beyond 2^53 stay text, as the server writes them. */
export function parseAttribute(type: string, text: string, name = ''): unknown {
  if (isDtypeAttribute(type, name) && !/^\s*\d*\s*$/.test(text)) return parseDtype(text.trim())
  const item = LISTS[type]
  if (item) return splitList(text).map((part) => parseItem(item, part))
  if (type === 'STRING') return text
  return parseItem(type, text.trim())
}

function parseDtype(text: string): number {
  const short = Object.keys(DTYPE_SHORT).find((dtype) => DTYPE_SHORT[dtype] === text)
  const number = DTYPE_NUMBERS[short ?? text]
  if (number === undefined) throw new LiteralError(`${text} is no dtype; as in float32, int64, bool`)
  return number
}

function parseItem(type: string, part: string): unknown {
  if (type === 'INT') return parseInteger(part)
  if (type === 'FLOAT') return parseFloatLiteral(part)
  if (!part.startsWith('"')) return part
  try {
    return JSON.parse(part) as string
  } catch {
    throw new LiteralError(`${part}: the closing quote is missing`)
  }
}

function parseInteger(part: string): number | string {
  if (/^true$/i.test(part)) return 1
  if (/^false$/i.test(part)) return 0
  if (!/^[+-]?\d+$/.test(part)) throw new LiteralError(part === '' ? 'a whole number is needed' : `${part} is not a whole number`)
  const number = Number(part)
  if (Number.isSafeInteger(number)) return number
  if (BigInt(part) > 2n ** 63n - 1n || BigInt(part) < -(2n ** 63n)) throw new LiteralError(`${part} does not fit 64 bits`)
  return BigInt(part).toString()
}

function parseFloatLiteral(part: string): number | string {
  if (/^[+-]?(inf|infinity)$/i.test(part)) return part.startsWith('-') ? '-Infinity' : 'Infinity'
  if (/^nan$/i.test(part)) return 'NaN'
  const number = part === '' ? NaN : Number(part)
  if (Number.isNaN(number)) throw new LiteralError(part === '' ? 'a number is needed' : `${part} is not a number`)
  return number
}

/** Parts at commas outside quotes, brackets around the whole taken away; a list of numbers may use spaces. */
function splitList(text: string): string[] {
  const bare = text.trim().replace(/^\[(.*)\]$/s, '$1').trim()
  if (bare === '') return []
  const parts = bare.match(/\s*"(?:[^"\\]|\\.)*"?\s*|[^,]+|(?<=,)(?=,)/g) ?? []
  const trimmed = parts.map((part) => part.trim()).filter((part, at) => part !== '' || at < parts.length - 1)
  return trimmed.length === 1 && /^[-+\d.\se]+$/i.test(bare) ? bare.split(/\s+/) : trimmed
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let amount = bytes
  let unit = -1
  do { amount /= 1000; unit += 1 } while (amount >= 999.5 && unit < units.length - 1)
  return `${amount >= 99.95 ? amount.toFixed(0) : amount.toFixed(1)} ${units[unit]}`
}

/** 25557032 → `25.6 M` */
export function countText(count: number): string {
  if (count < 10_000) return count.toLocaleString('en')
  const units = ['k', 'M', 'G', 'T']
  let amount = count
  let unit = -1
  do { amount /= 1000; unit += 1 } while (amount >= 999.5 && unit < units.length - 1)
  return `${amount >= 99.95 ? amount.toFixed(0) : amount.toFixed(1)} ${units[unit]}`
}

/** A measured number in few characters: 0.0012, 1.5e-7, 1234. */
export function numberText(value: number | null): string {
  if (value === null) return '–'
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e7) return String(value)
  return size >= 1e6 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)))
}
