/** Which way graphs run: from top to bottom, or from left to right. This browser remembers it, for all models. */
import type { Direction } from '../scene/flow'
import type { Editor } from './editor'

const DIRECTION_KEY = 'scalpel.direction'

export function keptDirection(): Direction {
  return localStorage.getItem(DIRECTION_KEY) === 'right' ? 'right' : 'down'
}

export function turn(editor: Editor): void {
  const { direction } = editor.state
  direction.value = direction.peek() === 'right' ? 'down' : 'right'
  localStorage.setItem(DIRECTION_KEY, direction.peek())
  editor.say(direction.peek() === 'right' ? 'The graph runs from left to right' : 'The graph runs from top to bottom')
  void editor.canvas?.turn(direction.peek())
}
