import { describe, expect, it } from 'vitest'
import { base64Of, readNpy } from './npy'

/** What numpy.save writes. */
function npy(descr: string, shape: string, data: ArrayBuffer | Uint8Array, { fortran = false, version = 1, header }: { fortran?: boolean; version?: number; header?: string } = {}): ArrayBuffer {
  const said = header ?? `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`
  const from = version === 1 ? 10 : 12
  const text = `${said.padEnd(Math.ceil((from + said.length + 1) / 64) * 64 - from - 1)}\n`
  const bytes = new Uint8Array(data)
  const file = new Uint8Array(from + text.length + bytes.length)
  file.set([0x93, ...[...'NUMPY'].map((letter) => letter.charCodeAt(0)), version, 0])
  const view = new DataView(file.buffer)
  if (version === 1) view.setUint16(8, text.length, true)
  else view.setUint32(8, text.length, true)
  file.set([...text].map((letter) => letter.charCodeAt(0)), from)
  file.set(bytes, from + text.length)
  return file.buffer
}

const floats = (bytes: Uint8Array): number[] => [...new Float32Array(bytes.slice().buffer)]

describe('an .npy file', () => {
  it('gives its dtype, its shape and its bytes', () => {
    const found = readNpy(npy('<f4', '(2, 3)', new Float32Array([1, 2, 3, 4, 5, 6]).buffer))
    expect([found.dtype, found.shape, floats(found.bytes)]).toEqual(['float32', [2, 3], [1, 2, 3, 4, 5, 6]])
  })

  it.each([['<f2', 'float16', 2], ['<f8', 'float64', 8], ['|i1', 'int8', 1], ['<i2', 'int16', 2], ['<i4', 'int32', 4], ['<i8', 'int64', 8],
    ['|u1', 'uint8', 1], ['<u2', 'uint16', 2], ['<u4', 'uint32', 4], ['<u8', 'uint64', 8], ['|b1', 'bool', 1], ['<c8', 'complex64', 8]])('%s is %s', (descr, dtype, size) => {
    expect(readNpy(npy(descr, '(3,)', new Uint8Array(3 * size)))).toMatchObject({ dtype, shape: [3] })
  })

  it('of a scalar has no dims, and one without elements has no bytes', () => {
    expect(readNpy(npy('<f4', '()', new Float32Array([7]).buffer)).shape).toEqual([])
    expect(readNpy(npy('<f4', '(0, 3)', new Uint8Array(0))).bytes).toHaveLength(0)
  })

  it('of the later versions has a longer header', () => {
    for (const version of [2, 3]) expect(readNpy(npy('<f4', '(1,)', new Float32Array([7]).buffer, { version })).shape).toEqual([1])
  })

  it('in big-endian order is turned round', () => {
    expect(floats(readNpy(npy('>f4', '(2,)', new Uint8Array([0x3f, 0x80, 0, 0, 0x40, 0, 0, 0]))).bytes)).toEqual([1, 2])
    expect([...readNpy(npy('>c8', '(1,)', new Uint8Array([0x3f, 0x80, 0, 0, 0x40, 0, 0, 0]))).bytes]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40])
  })

  it('in Fortran order is laid out by rows', () => {
    const columns = new Float32Array([1, 4, 2, 5, 3, 6]).buffer
    expect(floats(readNpy(npy('<f4', '(2, 3)', columns, { fortran: true })).bytes)).toEqual([1, 2, 3, 4, 5, 6])
    const cube = Float32Array.from({ length: 24 }, (_, at) => at)
    const found = floats(readNpy(npy('<f4', '(2, 3, 4)', cube.buffer, { fortran: true })).bytes)
    expect([found[0], found[1], found[4], found[12]]).toEqual([0, 6, 2, 1])
  })

  it('of truth values holds nothing but 0 and 1', () => {
    expect([...readNpy(npy('|b1', '(3,)', new Uint8Array([0, 1, 255]))).bytes]).toEqual([0, 1, 1])
  })

  it.each([
    ['Python objects', npy('|O', '(1,)', new Uint8Array(8))],
    ['text', npy('<U5', '(1,)', new Uint8Array(20))],
    ['records', npy('', '', new Uint8Array(8), { header: "{'descr': [('a', '<f4'), ('b', '<f4')], 'fortran_order': False, 'shape': (1,), }" })],
    ['12 bytes where its shape needs 16', npy('<f4', '(4,)', new Uint8Array(12))],
    ['damaged', npy('', '', new Uint8Array(4), { header: "{'descr': '<f4', 'shape': (1,), 'fortran_order': __import__('os')}" })],
    ['damaged', npy('', '', new Uint8Array(4), { header: "{'descr': '<f4', 'fortran_order': False}" })],
    ['damaged', npy('<f4', '(-1,)', new Uint8Array(4))],
    ['damaged', npy('<f4', '(99999999999999999999,)', new Uint8Array(4))],
    ['version 9', npy('<f4', '(1,)', new Uint8Array(4), { version: 9 })],
    ['no .npy file', new Uint8Array(64).buffer],
    ['no .npy file', new ArrayBuffer(3)],
  ])('that holds what no tensor can be is refused: %s', (line, file) => {
    expect(() => readNpy(file)).toThrow(line)
  })

  it('that was cut in its header is refused', () => {
    expect(() => readNpy(npy('<f4', '(1,)', new Uint8Array(4)).slice(0, 40))).toThrow('cut')
  })
})

it('bytes are written as base64, however many there are', () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251)
  expect(Uint8Array.from(atob(base64Of(bytes)), (letter) => letter.charCodeAt(0))).toEqual(bytes)
})
