/** Opens a model of the server's folders by its path, completed while it is typed. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Api } from '../connection/api'
import { PathField } from '../panels/PathField'

interface OpenPathProps { api: Api; busy: boolean; focus?: boolean; onOpen(path: string): void; /** another path is being typed: what was said of the last one is old */ onTyped(): void }

export function OpenPath({ api, busy, focus, onOpen, onTyped }: OpenPathProps): JSX.Element {
  const [path, setPath] = useState('')
  const open = (which: string): void => { if (which.trim() !== '' && !which.endsWith('/')) onOpen(which.trim()) }
  return (
    <form class="open-path" onSubmit={(event) => { event.preventDefault(); open(path) }}>
      <PathField id="open-path" label="Path of a model" api={api} path={path} placeholder="or a path on the server, such as models/resnet50.onnx" focus={focus} onPath={(next) => { setPath(next); onTyped() }} onOpen={open} />
      <button type="submit" class="button" disabled={busy || path.trim() === ''}>Open</button>
    </form>
  )
}
