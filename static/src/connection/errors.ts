/** An expected failure as the server reports it, and the failures that only a browser can see. */
import type { AppErrorData } from '../protocol/types'

export class AppFailure extends Error {
  readonly data: AppErrorData
  readonly status: number

  constructor(data: AppErrorData, status = 400) {
    super(data.message)
    this.name = 'AppFailure'
    this.data = data
    this.status = status
  }
}

/** The data of a failure made here, in the same shape as the server's. */
export function failure(code: string, message: string, hint = '', status = 0): AppFailure {
  return new AppFailure({ code, message, hint, subjects: [] }, status)
}

export function isErrorData(value: unknown): value is AppErrorData {
  return typeof value === 'object' && value !== null && typeof (value as AppErrorData).code === 'string' && typeof (value as AppErrorData).message === 'string'
}

/** What to show for anything that was thrown: expected failures as they are; everything else is passed on, loudly. */
export function errorData(thrown: unknown): AppErrorData {
  if (thrown instanceof AppFailure) return thrown.data
  throw thrown
}

/** The failure that an answer with an error status stands for, whatever its body is. */
export function failureOf(status: number, body: unknown): AppFailure {
  const inner = typeof body === 'object' && body !== null ? (body as { error?: unknown }).error : undefined
  if (isErrorData(inner)) return new AppFailure({ ...inner, subjects: inner.subjects ?? [], hint: inner.hint ?? '' }, status)
  if (status === 401 || status === 403) return failure('no-access', 'This page may not talk to the server any more.', 'Open the address that the server printed, with its token.', status)
  if (status === 413) return failure('too-large', 'The server does not take files of this size.', 'Start the server with --root and open the file by its path.', status)
  return failure('server-error', `The server answered with status ${status}.`, 'Try again; if it stays, restart the server.', status)
}
