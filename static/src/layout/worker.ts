/** The layout worker: takes a graph, answers with its layout. */
import { spare } from '../document/release'
import { buffersOf, type LayoutAnswer, type LayoutRequest } from './client'
import { KeptMemories } from './kept'
import { layoutNested } from './nested'
import { LevelCache } from './nested-cache'

const scope = self as unknown as DedicatedWorkerGlobalScope
const cache = new LevelCache()
const memories = new KeptMemories()

scope.onmessage = (event: MessageEvent<LayoutRequest>): void => {
  const { id, input, memory } = event.data
  try {
    const handed = buffersOf(input) // nothing of it is in the result, or in what is remembered
    spare.adopt(handed)
    const result = memories.keep(layoutNested(input, memories.recalled(memory), cache))
    spare.give(handed)
    scope.postMessage({ id, result } satisfies LayoutAnswer, buffersOf(result))
  } catch (error) {
    scope.postMessage({ id, failure: error instanceof Error ? error.message : String(error) } satisfies LayoutAnswer)
  }
}
