/** Sends files with progress and cancel; XMLHttpRequest, because fetch tells no upload progress. */
import type { Opened } from './api'
import { failure, failureOf } from './errors'
import type { Supplied } from '../protocol/types'

/** A file with the path under which its sender has it: the name alone, or with the folders that were dropped. */
export interface SentFile { file: File; path: string }
export interface Upload<T> { done: Promise<T>; cancel(): void }

/** A model with its data files, or a zip of them. `opening`: an id under which the server says how far it is. `onProgress`: 0 to 1 while bytes travel; 1 means the server reads the model now. */
export function uploadModel(files: readonly SentFile[], opening: string, onProgress: (fraction: number) => void): Upload<Opened> {
  return send(`/api/sessions?view=1&opening=${opening}`, files, onProgress)
}

/** Data files that the model of a session lacks. */
export function uploadData(session: string, files: readonly SentFile[], onProgress: (fraction: number) => void): Upload<Supplied> {
  return send(`/api/sessions/${session}/data-files`, files, onProgress)
}

function send<T>(route: string, files: readonly SentFile[], onProgress: (fraction: number) => void): Upload<T> {
  const request = new XMLHttpRequest()
  const form = new FormData()
  for (const { file, path } of files) form.append('file', file, path)
  const done = new Promise<T>((resolve, reject) => {
    request.upload.onprogress = (event) => onProgress(event.lengthComputable ? event.loaded / Math.max(1, event.total) : 0)
    request.upload.onload = () => onProgress(1)
    request.onerror = () => reject(failure('offline', 'The upload broke off: the server does not answer.', 'See whether it is still running, then try again.'))
    request.onabort = () => reject(failure('cancelled', 'Upload cancelled.'))
    request.onload = () => {
      const body = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300) resolve(body as T)
      else reject(failureOf(request.status, body))
    }
    request.open('POST', route)
    request.send(form)
  })
  return { done, cancel: () => request.abort() }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
