/** What a preview says in words. */
import { describe, expect, it } from 'vitest'
import type { Delta } from '../protocol/types'
import { changesText, changeText, figuresOf, reportLines, touchedNodes, verdictOf } from './preview-words'

const output = (equal: boolean | null, difference: number | null, note = '') => ({ name: 'y', equal, difference, note })
const NONE = { added: 0, removed: 0, changed: 0 }

describe('a preview', () => {
  it('says in one line how the outputs are', () => {
    expect(verdictOf({ outputs: [output(true, 0)] })).toMatchObject({ tone: 'valid', text: 'Same outputs' })
    expect(verdictOf({ outputs: [output(true, 1e-7)] }).text).toBe('Same outputs within 1.00e-7')
    expect(verdictOf({ outputs: [output(false, 0.25), output(true, 0)] })).toMatchObject({ tone: 'warning', text: '1 output of 2 differs, by 0.25 at most' })
    expect(verdictOf({ outputs: [output(true, 0), output(null, null, 'text')] })).toMatchObject({ tone: 'quiet', note: '1 output could not be compared.' })
    expect(verdictOf({ outputs: [output(null, null, 'other inputs')], report: { proved: ['old size equal'] } })).toMatchObject({ tone: 'valid', text: 'Proved by running it' })
    expect(verdictOf({ outputs: null, outputs_note: 'there is no kernel for Magic' })).toMatchObject({ tone: 'quiet', note: 'There is no kernel for Magic.' })
  })
  it('shows sizes before and after, and leaves out what nobody changed', () => {
    const result = { edit: { kind: 'simplify' }, title: '', report: {}, changes: { nodes: NONE, values: NONE }, operators: [], outputs: null, delta: null }
    expect(figuresOf({ ...result, totals: { nodes: { before: 175, after: 126 }, parameters: { before: 5, after: 5 } } })).toEqual([{ name: 'Nodes', before: '175', after: '126', change: '−28 %', better: true }])
    expect(changeText(1000, 1001, String)).toBe('+1')
    expect(changeText(1000, 500, String)).toBe('−50 %')
    expect(changeText(1000, 9990, String)).toBe('+899 %')
    expect(changeText(757, 926_717, String)).toBe('× 1,224')
    expect(changeText(0, 5, String)).toBe('')
  })
  it('counts what would change', () => {
    expect(changesText({ nodes: { added: 1, removed: 12, changed: 0 }, values: { added: 0, removed: 0, changed: 2 } })).toBe('1 node added, 12 removed; 2 values changed')
    expect(changesText({ nodes: NONE, values: NONE })).toBe('Nothing would change')
  })
  it('tells which nodes would go and which would change', () => {
    const delta = [{ table: 'node', id: 'a', after: null }, { table: 'node', id: 'b', after: {} }, { table: 'node', id: 'new', after: {} }, { table: 'value', id: 'v', after: null }] as unknown as Delta
    expect(touchedNodes(delta, (id) => id !== 'new')).toEqual({ removed: ['a'], changed: ['b'] })
    expect(touchedNodes(null, () => true)).toEqual({ removed: [], changed: [] })
  })
  it('reads any report: what was mended and proved first, no zeros, nothing twice', () => {
    const report = {
      declared: 1, unknown: 0, operators: [{ op_type: 'Conv', before: 1, after: 2 }], proved: ['old size equal'],
      mended: [{ node: 'node:r', name: 'flat', operator: 'Reshape', what: 'target', before: [1, 512], after: [0, 512] }], nodes: { before: 3, after: 2 },
    }
    expect(reportLines(report)).toEqual([
      { label: 'Mended', text: '', items: ['flat (Reshape), target: 1×512 → 0×512'], tone: 'plain' },
      { label: 'Proved', text: '', items: ['old size equal'], tone: 'valid' },
      { label: 'Types declared anew', text: '1', items: [], tone: 'plain' },
    ])
  })
})
