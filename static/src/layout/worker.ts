/** The layout worker: takes a graph, answers with its layout. */
import { layout } from './layout'
import type { LayoutAnswer, LayoutRequest } from './client'

const scope = self as unknown as DedicatedWorkerGlobalScope

scope.onmessage = (event: MessageEvent<LayoutRequest>): void => {
  const { id, input, memory } = event.data
  try {
    const result = layout(input, memory)
    const { x, y, pointStart, points, labelX, labelY, rank, trunks } = result
    const buffers = [x, y, pointStart, points, labelX, labelY, rank, ...(trunks ? Object.values(trunks) : [])].map((array) => array.buffer as ArrayBuffer)
    scope.postMessage({ id, result } satisfies LayoutAnswer, buffers)
  } catch (error) {
    scope.postMessage({ id, failure: error instanceof Error ? error.message : String(error) } satisfies LayoutAnswer)
  }
}
