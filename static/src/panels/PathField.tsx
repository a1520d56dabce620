/** A path below the server's folders, completed as it is typed. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Api, FileEntry } from '../connection/api'
import { AppFailure } from '../connection/errors'
import { Combobox } from '../forms/Combobox'
import { bytesText } from '../forms/literals'

interface PathFieldProps { id: string; api: Api; path: string; label?: string; placeholder?: string; focus?: boolean; free?: boolean; onPath(path: string): void; onOpen?(path: string): void }

export function PathField({ id, api, path, label, placeholder, focus, free, onPath, onOpen }: PathFieldProps): JSX.Element {
  const [entries, setEntries] = useState<FileEntry[]>([])
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const latest = useRef(0)
  useEffect(() => {
    const stop = new AbortController()
    const turn = (latest.current += 1)
    const timer = setTimeout(() => {
      api.files(folder, stop.signal).then(
        (answer) => { if (turn === latest.current) setEntries(answer.entries) },
        (thrown: unknown) => {
          if (stop.signal.aborted) return
          if (!(thrown instanceof AppFailure)) throw thrown
          setEntries([]) // a folder that is not there completes to nothing
        },
      )
    }, 80)
    return () => { clearTimeout(timer); stop.abort() }
  }, [folder])
  const options = (typed: string): { value: string; label: string; detail: string }[] => {
    const wanted = typed.slice(typed.lastIndexOf('/') + 1).toLowerCase()
    return entries
      .filter((one) => one.name.toLowerCase().includes(wanted))
      .sort((a, b) => Number(b.name.toLowerCase().startsWith(wanted)) - Number(a.name.toLowerCase().startsWith(wanted)))
      .map((one) => ({ value: one.folder ? `${one.path.replace(/\/$/, '')}/` : one.path, label: one.folder ? `${one.name}/` : one.name, detail: one.folder ? 'folder' : bytesText(one.bytes) }))
  }
  return (
    <Combobox id={id} label={label} text={path} placeholder={placeholder ?? 'models/resnet50.onnx'} focus={focus} free={free} options={options} onText={onPath}
      onPick={(picked) => { onPath(picked.value); if (!picked.value.endsWith('/')) onOpen?.(picked.value) }} onEnter={() => onOpen?.(path)} />
  )
}
