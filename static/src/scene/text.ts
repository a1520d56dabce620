/** Text that can be drawn: names made harmless and short, types and attribute values in few characters. */
import type { AttributeView, Dim, Shape } from '../protocol/types'

/** no name is looked at beyond this, whatever its length */
const LONGEST = 400
// control characters, bidirectional overrides and isolates, zero-width marks, line and paragraph separators, lone surrogates
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const ASCII = /^[\x20-\x7e]*$/

/** A name as it is safe to draw on one line: characters that would reorder, hide or break it become a visible dot. */
export function drawable(name: string): string {
  const short = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name
  return ASCII.test(short) ? short : short.replace(UNSAFE, '·')
}

// what no panel shows as it is: the same but line ends and tabs, and joiners where a script or an emoji needs them
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|(?<=[\u0000-\u007f])[\u200c\u200d]/g

/** A text of several lines as it is safe to show: what would hide in it, or reorder what stands around it, becomes a visible dot. */
export function visible(text: string): string {
  return ASCII.test(text) ? text : text.replace(HIDDEN, '·')
}

/** A text without the characters that nobody can see, and so nobody types. */
export function typeable(text: string): string {
  return ASCII.test(text) ? text : text.replace(HIDDEN, '')
}

const SHORT_DTYPES: Readonly<Record<string, string>> = {
  float32: 'f32', float64: 'f64', float16: 'f16', bfloat16: 'bf16', float: 'f32', double: 'f64',
  int64: 'i64', int32: 'i32', int16: 'i16', int8: 'i8', int4: 'i4', int2: 'i2',
  uint64: 'u64', uint32: 'u32', uint16: 'u16', uint8: 'u8', uint4: 'u4', uint2: 'u2',
  bool: 'bool', string: 'str', complex64: 'c64', complex128: 'c128',
  float8e4m3fn: 'f8e4m3', float8e4m3fnuz: 'f8e4m3fnuz', float8e5m2: 'f8e5m2', float8e5m2fnuz: 'f8e5m2fnuz', float8e8m0: 'f8e8m0', float4e2m1: 'f4',
}

/** 'float32' → 'f32', 'seq(tensor(float32))' → 'seq(f32)' */
export function shortDtype(dtype: string): string {
  const known = SHORT_DTYPES[dtype]
  if (known) return known
  const inner = dtype.replace(/tensor\(([a-z0-9]+)\)/g, (_, name: string) => SHORT_DTYPES[name] ?? name)
  return clip(drawable(inner), 28)
}

/** [1, 'N', null] → '1×N×?', [] → '' */
export function shapeText(shape: Shape): string {
  if (shape === null) return ''
  if (shape.length > 8) return `${shape.slice(0, 6).map(dimText).join('×')}×… (${shape.length}d)`
  return shape.map(dimText).join('×')
}

function dimText(dim: Dim): string {
  if (dim === null || dim === '') return '?'
  return typeof dim === 'number' ? String(dim) : clip(drawable(dim), 24)
}

/** What stands beside a wire: 'N×64×56×56  f32'; '' when nothing is known. */
export function typeText(dtype: string, shape: Shape): string {
  const dims = shapeText(shape)
  const kind = dtype === '' ? '' : shortDtype(dtype)
  return dims && kind ? `${dims}  ${kind}` : dims || kind
}

/** What stands in an initializer's row: what is in it where that is known, else its shape; and its dtype where that is not the usual one. */
export function tensorText(dtype: string, shape: Shape, elements = ''): string {
  const isScalar = shape !== null && shape.length === 0
  const listed = listedText(elements)
  const dims = elements !== '' ? `= ${isScalar ? listed : `[${listed}]`}` : isScalar ? 'scalar' : shapeText(shape)
  const kind = dtype === '' || dtype === 'float32' ? '' : shortDtype(dtype)
  return dims && kind ? `${dims}  ${kind}` : dims || kind || '?'
}

/** Elements with commas between, each short enough to be read. */
export function listedText(elements: string): string {
  return elements.split(', ').map(elementText).join(', ')
}

/** Numbers short enough to be read; words as they are. */
function elementText(text: string): string {
  const number = /[.e]/.test(text) ? Number(text) : NaN
  return Number.isFinite(number) ? numberText(number) : text
}

export function attributeText(view: AttributeView): string {
  if (view.ref) return `@${drawable(view.ref)}`
  return clip(valueText(view.value, view.cut === true), 40)
}

/** onnx.TensorProto.DataType by number. */
const DATA_TYPES = [
  '', 'f32', 'u8', 'i8', 'u16', 'i16', 'i32', 'i64', 'str', 'bool', 'f16', 'f64', 'u32', 'u64', 'c64', 'c128', 'bf16',
  'f8e4m3', 'f8e4m3fnuz', 'f8e5m2', 'f8e5m2fnuz', 'u4', 'i4', 'f4', 'f8e8m0',
]

const TYPED_BY_NUMBER = new Set(['to', 'dtype', 'output_dtype'])

/** The short dtype that an integer attribute stands for: `to` 9 → 'bool'; '' for all others. */
export function dtypeOfAttribute(name: string, view: AttributeView): string {
  return view.type === 'INT' && TYPED_BY_NUMBER.has(name) && typeof view.value === 'number' ? (DATA_TYPES[view.value] ?? '') : ''
}

const LONG_DTYPES = new Map(Object.entries(SHORT_DTYPES).reverse().map(([long, short]) => [short, long])) // of two names for one, the first

/** 'f32' → 'float32'; undefined for what is no short dtype */
export function longDtype(short: string): string | undefined {
  return LONG_DTYPES.get(short)
}

function valueText(value: unknown, cut: boolean): string {
  if (typeof value === 'string') return drawable(value)
  if (typeof value === 'number') return numberText(value)
  if (Array.isArray(value)) {
    const shown = value.slice(0, 8).map((item) => valueText(item, false)).join(', ')
    return cut || value.length > 8 ? `${shown}, …` : shown || '[]'
  }
  if (value === null || value === undefined) return '–'
  return typeof value === 'object' ? '…' : String(value)
}

function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)))
}

export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
