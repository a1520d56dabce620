/** Files that were dropped or chosen, with those in dropped folders; each keeps its path below what was dropped. */
import type { SentFile } from './upload'

/** Files on their way from a drop: a folder is read for a while. */
export type Dropped = Promise<readonly SentFile[]>

const MOST = 10_000 // files in all: as many as the server takes

/** To be called in the drop event itself: the browser forgets the files when it ends. */
export function droppedFiles(transfer: DataTransfer | null): Dropped {
  const items = [...(transfer?.items ?? [])].filter((item) => item.kind === 'file')
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
  return collected(found)
}

export function chosenFiles(list: FileList | null): SentFile[] {
  return [...(list ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }))
}

export function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}

async function collected(found: readonly { entry: FileSystemEntry | null; file: File | null }[]): Promise<SentFile[]> {
  const files: SentFile[] = []
  for (const { entry, file } of found) {
    if (entry?.isDirectory) await walk(entry as FileSystemDirectoryEntry, '', files)
    else if (file) files.push({ file, path: file.name })
  }
  return files
}

async function walk(folder: FileSystemDirectoryEntry, above: string, files: SentFile[]): Promise<void> {
  const path = `${above}${folder.name}/`
  const reader = folder.createReader()
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject)) // a hundred at a time
    if (some.length === 0) return
    for (const entry of some) {
      if (files.length >= MOST) return
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, path, files)
      else files.push({ file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)), path: `${path}${entry.name}` })
    }
  }
}
