/** Notes have lines: which keys end the writing of one. */
import { expect, it } from 'vitest'
import { endOfWriting } from './note-editor'

const key = (name: string, held: Partial<KeyboardEvent> = {}): ReturnType<typeof endOfWriting> => endOfWriting({ key: name, ctrlKey: false, metaKey: false, isComposing: false, ...held })

it('makes a new line with Enter, keeps the note with Ctrl or Cmd and Enter, and gives it up with Esc', () => {
  expect([key('Enter'), key('Enter', { ctrlKey: true }), key('Enter', { metaKey: true }), key('Escape'), key('n')]).toEqual([null, 'keep', 'keep', 'give up', null])
})

it('leaves keys to a composition that is under way', () => {
  expect([key('Escape', { isComposing: true }), key('Enter', { ctrlKey: true, isComposing: true })]).toEqual([null, null])
})
