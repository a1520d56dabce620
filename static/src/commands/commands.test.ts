/** Keys and history: what the commands rest on. */
import { describe, expect, it } from 'vitest'
import type { HistoryEntry, RevisionMessage } from '../protocol/types'
import { addRevision, canRedo, canUndo } from './history'
import { matches, parseChord } from './keys'
import { Commands } from './registry'

const press = (key: string, held: Partial<Record<'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey', boolean>> = {}) => ({ key, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...held })

describe('key chords', () => {
  it('take Command for Ctrl, and Shift only where it is not part of typing', () => {
    expect(matches(parseChord('Ctrl+Z'), press('z', { metaKey: true }))).toBe(true)
    expect(matches(parseChord('Ctrl+Z'), press('Z', { ctrlKey: true, shiftKey: true }))).toBe(false)
    expect(matches(parseChord('Ctrl+Shift+Z'), press('Z', { ctrlKey: true, shiftKey: true }))).toBe(true)
    expect(matches(parseChord('?'), press('?', { shiftKey: true }))).toBe(true)
    expect(matches(parseChord('+'), press('+', { shiftKey: true }))).toBe(true)
    expect(matches(parseChord('Delete'), press('Delete', { ctrlKey: true }))).toBe(false)
  })
  it('leave letters to a field that is edited, and keep Ctrl+F', () => {
    const command = { id: 'find', title: '', group: 'View' as const, keys: ['Ctrl+F', '/'], run: () => undefined, enabled: () => true, everywhere: true }
    const commands = new Commands([command])
    expect(commands.forKey(press('/'), true, false)).toBeUndefined()
    expect(commands.forKey(press('/'), false, false)).toBe(command)
    expect(commands.forKey(press('f', { ctrlKey: true }), true, false)).toBe(command)
  })
  it('of the graph count while it has the focus: elsewhere they move in lists and press buttons', () => {
    const command = { id: 'enter', title: '', group: 'On the graph' as const, keys: ['Enter'], run: () => undefined, enabled: () => true, onGraph: true as const }
    const commands = new Commands([command])
    expect(commands.forKey(press('Enter'), false, true)).toBe(command)
    expect(commands.forKey(press('Enter'), false, false)).toBeUndefined()
  })
  it('belong to one command each', () => {
    const command = (id: string, keys: string[]) => ({ id, title: '', group: 'View' as const, keys, run: () => undefined, enabled: () => true })
    expect(() => new Commands([command('connect', ['c']), command('close', ['F4', 'C'])])).toThrow('connect and close have the same key')
    expect(new Commands([command('connect', ['C']), command('disconnect', ['Shift+C']), command('copy', ['Ctrl+C'])]).all()).toHaveLength(3)
  })
})

const entry = (revision: number, author: string, undone = false): HistoryEntry => ({ revision, author, undone, title: '', kind: '', author_name: '', at: '' })
const said = (revision: number, how: RevisionMessage['how'], target: number | null = null): RevisionMessage => ({ revision, how, target, title: 't', kind: 'k', author: 'me', author_name: '', at: '' }) as RevisionMessage

describe('the history', () => {
  it('marks what an undo undid, and takes the mark away again', () => {
    const edited = addRevision([], said(1, 'edit'))
    const undone = addRevision(edited, said(2, 'undo', 1))
    expect(undone).toEqual([{ ...edited[0], undone: true }])
    expect(addRevision(undone, said(3, 'redo', 1))).toEqual(edited)
  })
  it('offers undo and redo of one\'s own edits only', () => {
    expect(canUndo([entry(1, 'you')], 'me')).toBe(false)
    expect(canUndo([entry(1, 'me'), entry(2, 'you')], 'me')).toBe(true)
    expect(canRedo([entry(1, 'me', true), entry(2, 'you')], 'me')).toBe(true)
    expect(canRedo([entry(1, 'me', true), entry(2, 'me')], 'me')).toBe(false)
  })
})
