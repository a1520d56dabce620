/** Opens another model beside those that are open. */
import type { JSX } from 'preact'
import type { Api, Opened } from '../connection/api'
import type { Dropped } from '../connection/dropped'
import type { SentFile } from '../connection/upload'
import { Opener } from '../start/Opener'
import { Modal } from './Modal'

const NONE: readonly SentFile[] = []

interface OpenDialogProps { api: Api; /** files that were dropped: sent at once */ files?: readonly SentFile[]; onOpened(what: Opened, along: readonly Dropped[]): void; onClose(): void }

export function OpenDialog({ api, files = NONE, onOpened, onClose }: OpenDialogProps): JSX.Element {
  return (
    <Modal title="Open another model" onClose={onClose} wide>
      <div class="opener"><Opener api={api} focus files={files} onOpened={onOpened} /></div>
    </Modal>
  )
}
