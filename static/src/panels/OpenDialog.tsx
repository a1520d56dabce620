/** Opens another model beside those that are open. */
import type { JSX } from 'preact'
import type { Api, Opened } from '../connection/api'
import { Opener } from '../start/Opener'
import { Modal } from './Modal'

export function OpenDialog({ api, onOpened, onClose }: { api: Api; onOpened(what: Opened): void; onClose(): void }): JSX.Element {
  return (
    <Modal title="Open another model" onClose={onClose} wide>
      <div class="opener"><Opener api={api} onOpened={onOpened} /></div>
    </Modal>
  )
}
