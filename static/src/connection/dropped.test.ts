/** A dropped folder gives every file in it, with its path. */
import { expect, it } from 'vitest'
import { droppedFiles } from './dropped'

const file = (name: string) => ({ isDirectory: false, name, file: (done: (file: File) => void) => done(new File(['x'], name)) })
/** The browser tells a folder's entries in portions, and an empty one at the end. */
function folder(name: string, ...portions: unknown[][]) {
  return { isDirectory: true, name, createReader: () => { const left = [...portions, []]; return { readEntries: (done: (entries: unknown[]) => void) => done(left.shift() ?? []) } } }
}
const transfer = (...entries: { isDirectory: boolean; name: string }[]): DataTransfer =>
  ({ items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry, getAsFile: () => new File(['x'], entry.name) })) }) as unknown as DataTransfer

it('walks folders in portions and leaves hidden files out', async () => {
  const net = folder('net', [file('net.onnx'), file('.DS_Store')], [folder('weights', [file('w.bin')])])
  const files = await droppedFiles(transfer(net, file('loose.bin')))
  expect(files.map(({ path }) => path)).toEqual(['net/net.onnx', 'net/weights/w.bin', 'loose.bin'])
  expect(files[1]!.file.name).toBe('w.bin')
})
