/** What is dropped goes where it belongs. */
import { expect, it } from 'vitest'
import type { SentFile } from '../connection/upload'
import type { MissingFiles } from '../protocol/types'
import { isForModel } from './data-files'

const lacking = (...locations: string[]): MissingFiles => ({
  count: locations.length, tensors: locations.length, bytes: 8,
  files: locations.map((location) => ({ location, tensors: 1, bytes: 8, needed: 8, size: null })),
})
const dropped = (...paths: string[]): SentFile[] => paths.map((path) => ({ file: new File([], path), path }))

it('gives the model the files that it lacks, by their last names', () => {
  expect(isForModel(lacking('weights/w.bin'), dropped('W.bin'))).toBe(true)
})
it('gives it a folder that holds the model itself, too', () => {
  expect(isForModel(lacking('w.bin'), dropped('net/net.onnx', 'net/w.bin'))).toBe(true)
})
it('opens another model, whatever is missing here', () => {
  expect(isForModel(lacking('w.bin'), dropped('other.onnx', 'other.data'))).toBe(false)
})
it('takes a zip or a file of another name for data as long as some is missing', () => {
  expect(isForModel(lacking('w.bin'), dropped('weights.zip'))).toBe(true)
  expect(isForModel(lacking(), dropped('weights.zip'))).toBe(false)
})
