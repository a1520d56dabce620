/** Tries a regular expression on texts: may never answer, and is ended then. */
import type { TryAnswer, TryRequest } from './expressions'

const scope = self as unknown as DedicatedWorkerGlobalScope

scope.onmessage = ({ data: { source, texts } }: MessageEvent<TryRequest>): void => {
  const expression = new RegExp(source, 'i')
  const fitting: TryAnswer = []
  texts.forEach((text, index) => { if (expression.test(text)) fitting.push(index) })
  scope.postMessage(fitting)
}
