/** Takes in a long answer and tells how much of it is there. */

const LEAST = 4e6 // bytes; less is there at once
const TELL_MS = 100

/** `told` hears bytes, of all bytes, every so often; of a short answer, or one of unknown length, it hears nothing. */
export async function received(answer: Response, told: (done: number, of: number) => void): Promise<ArrayBuffer> {
  const of = Number(answer.headers.get('Content-Length'))
  if (!answer.body || answer.headers.has('Content-Encoding') || !(of >= LEAST)) return answer.arrayBuffer()
  const all = new Uint8Array(of)
  const reader = answer.body.getReader()
  let at = performance.now()
  let done = 0
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    all.set(piece.value, done)
    done += piece.value.length
    if (performance.now() - at < TELL_MS) continue
    at = performance.now()
    told(done, of)
  }
  return done === of ? all.buffer : all.buffer.slice(0, done)
}
