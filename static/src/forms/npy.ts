/** Reads .npy files: the header by hand, the data as the little-endian row-major bytes that edits take. */
import { LiteralError } from './literals'

export interface NpyArray { dtype: string; shape: number[]; bytes: Uint8Array }

export const MOST_BYTES = 44e6 // of data; base64 makes a third more of it, and the server takes 64 MiB
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
const LONGEST_HEADER = 65_536 // bytes
const MOST_DIMS = 64
/** without the byte order: dtype, bytes of an element, bytes of what is swapped */
const KINDS: Readonly<Record<string, [dtype: string, size: number, part: number]>> = {
  f2: ['float16', 2, 2], f4: ['float32', 4, 4], f8: ['float64', 8, 8], b1: ['bool', 1, 1], c8: ['complex64', 8, 4], c16: ['complex128', 16, 8],
  i1: ['int8', 1, 1], i2: ['int16', 2, 2], i4: ['int32', 4, 4], i8: ['int64', 8, 8], u1: ['uint8', 1, 1], u2: ['uint16', 2, 2], u4: ['uint32', 4, 4], u8: ['uint64', 8, 8],
}
const WHAT_ELSE: Readonly<Record<string, string>> = { O: 'Python objects', U: 'text', S: 'text', V: 'data without a type', M: 'dates', m: 'durations', g: 'long doubles' }

/** Throws LiteralError with one line that says what is wrong with the file. */
export function readNpy(buffer: ArrayBuffer): NpyArray {
  const start = new Uint8Array(buffer, 0, Math.min(12, buffer.byteLength))
  if (buffer.byteLength < 12 || MAGIC.some((byte, at) => start[at] !== byte)) throw new LiteralError('this is no .npy file')
  const view = new DataView(buffer)
  const version = start[6]!
  if (version < 1 || version > 3) throw new LiteralError(`the .npy file has version ${version}, which is not known`)
  const from = version === 1 ? 10 : 12
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > LONGEST_HEADER || from + length > buffer.byteLength) throw new LiteralError('the .npy file was cut, or its header is damaged')
  const { descr, fortran, shape } = headerOf(new TextDecoder('latin1').decode(new Uint8Array(buffer, from, length)))
  const [dtype, size, part] = kindOf(descr)
  const data = new Uint8Array(buffer, from + length)
  const wanted = shape.reduce((all, dim) => all * dim, size)
  if (data.length !== wanted) throw new LiteralError(`the .npy file holds ${data.length.toLocaleString('en')} bytes where its shape needs ${wanted.toLocaleString('en')}`)
  if (data.length > MOST_BYTES) throw new LiteralError('the file is too large to be sent from a browser; use `onnx-scalpel apply`')
  const rows = fortran && shape.length > 1 ? rowMajor(data, shape, size) : data.slice()
  if (descr.startsWith('>')) swap(rows, part)
  if (dtype === 'bool') for (let at = 0; at < rows.length; at++) rows[at] = rows[at] === 0 ? 0 : 1
  return { dtype, shape, bytes: rows }
}

/** The three entries of the Python dict in the header, and nothing else. */
function headerOf(text: string): { descr: string; fortran: boolean; shape: number[] } {
  const found: Record<string, string> = {}
  const rest = text.replace(/(['"])(descr|fortran_order|shape)\1\s*:\s*('[^']*'|"[^"]*"|True|False|\([\d,\sL]*\)|\[[^\]]*\])\s*(,|(?=\}))/g, (_, __, name: string, value: string) => {
    found[name] = value
    return ''
  })
  if (/^\[/.test(found['descr'] ?? '')) throw new LiteralError('the .npy file holds records of several fields')
  const whole = /^\s*\{\s*\}\s*$/.test(rest) && found['descr'] !== undefined && /^(True|False)$/.test(found['fortran_order'] ?? '') && found['shape']?.startsWith('(')
  if (!whole) throw new LiteralError(/^\s*\{.*'descr'\s*:\s*\[/s.test(text) ? 'the .npy file holds records of several fields' : 'the header of the .npy file is damaged')
  const shape = found['shape']!.slice(1, -1).split(',').map((dim) => dim.trim().replace(/L$/, '')).filter(Boolean).map(Number)
  if (shape.length > MOST_DIMS || !shape.every((dim) => Number.isSafeInteger(dim))) throw new LiteralError('the shape in the .npy file is damaged')
  return { descr: found['descr']!.slice(1, -1), fortran: found['fortran_order'] === 'True', shape }
}

function kindOf(descr: string): [dtype: string, size: number, part: number] {
  const [, order, code] = /^([<>|=])(.+)$/.exec(descr) ?? []
  const kind = KINDS[code ?? '']
  if (!kind || order === '=' || (order === '|' && kind[1] > 1)) {
    const what = WHAT_ELSE[(code ?? descr)[0] ?? ''] ?? `elements of type ${descr.slice(0, 20)}`
    throw new LiteralError(`the .npy file holds ${what}; save it as numbers, as in array.astype("float32")`)
  }
  return kind
}

/** The elements of a column-major array in row-major order. */
function rowMajor(data: Uint8Array, shape: readonly number[], size: number): Uint8Array {
  const rows = new Uint8Array(data.length)
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((all, dim) => all * dim, size))
  const index = shape.map(() => 0)
  let from = 0
  for (let to = 0; to < rows.length; to += size) {
    for (let byte = 0; byte < size; byte++) rows[to + byte] = data[from + byte]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1
      from += strides[axis]!
      if (index[axis]! < shape[axis]!) break
      from -= strides[axis]! * shape[axis]!
      index[axis] = 0
    }
  }
  return rows
}

function swap(bytes: Uint8Array, part: number): void {
  for (let at = 0; at < bytes.length; at += part) bytes.subarray(at, at + part).reverse()
}

export function base64Of(bytes: Uint8Array): string {
  const pieces: string[] = []
  const PIECE = 3 * 8192 // whole groups of three, so that the pieces join
  for (let at = 0; at < bytes.length; at += PIECE) pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE))))
  return pieces.join('')
}
