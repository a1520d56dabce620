/** An .npy file from the reader's disk: chosen or dropped here, and read on this page. */
import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { bytesText, LiteralError, shapeText } from '../literals'
import { MOST_BYTES, readNpy } from '../npy'
import type { FileData } from '../tensor-literal'

const MARGIN = 1e5 // bytes of a header

export function NpyField({ file, onFile }: { file: FileData | null; onFile(file: FileData | null, wrong: string | null): void }): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const take = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return
    try {
      if (chosen.size > MOST_BYTES + MARGIN) throw new LiteralError(`${bytesText(chosen.size)} are too much to be sent from a browser; use \`onnx-scalpel apply\``)
      onFile({ name: chosen.name, array: readNpy(await chosen.arrayBuffer()) }, null)
    } catch (thrown) {
      onFile(null, thrown instanceof LiteralError ? thrown.message : 'the file could not be read')
    }
  }
  return (
    <div class={over ? 'npy over' : 'npy'} onDragOver={(event) => { event.preventDefault(); setOver(true) }} onDragLeave={() => setOver(false)}
      onDrop={(event) => { event.preventDefault(); event.stopPropagation(); setOver(false); void take(event.dataTransfer?.files[0]) }}>
      <input ref={input} type="file" accept=".npy" hidden aria-label=".npy file" onChange={(event) => { void take(event.currentTarget.files?.[0]); event.currentTarget.value = '' }} />
      <button type="button" class="button small" onClick={() => input.current?.click()}>{file ? 'Choose another…' : 'Choose a file…'}</button>
      {file
        ? <span class="cut" title={file.name}><strong>{file.name}</strong> <span class="quiet">{shapeText(file.array.shape)} {file.array.dtype}, {bytesText(file.array.bytes.length)}</span></span>
        : <span class="quiet">or drop an .npy file here</span>}
    </div>
  )
}
