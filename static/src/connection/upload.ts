/** Sends model files with progress and cancel; XMLHttpRequest, because fetch tells no upload progress. */
import type { Opened } from './api'
import { failure, failureOf } from './errors'

export interface Upload { done: Promise<Opened>; cancel(): void }

/** `onProgress`: 0 to 1 while bytes travel; 1 means the server reads the model now. */
export function uploadModel(files: readonly File[], onProgress: (fraction: number) => void): Upload {
  const request = new XMLHttpRequest()
  const form = new FormData()
  for (const file of files) form.append('file', file, file.name)
  const done = new Promise<Opened>((resolve, reject) => {
    request.upload.onprogress = (event) => onProgress(event.lengthComputable ? event.loaded / Math.max(1, event.total) : 0)
    request.upload.onload = () => onProgress(1)
    request.onerror = () => reject(failure('offline', 'The upload broke off: the server does not answer.', 'See whether it is still running, then try again.'))
    request.onabort = () => reject(failure('cancelled', 'Upload cancelled.'))
    request.onload = () => {
      const body = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300) resolve(body as Opened)
      else reject(failureOf(request.status, body))
    }
    request.open('POST', '/api/sessions?view=1')
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
