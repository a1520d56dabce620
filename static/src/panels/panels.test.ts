/** The words and figures that the panels show. */
import { describe, expect, it } from 'vitest'
import type { Diagnostic, Participant, SlotView } from '../protocol/types'
import { splitAt } from './Name'
import { initials } from './Participants'
import { clamp } from './place'
import { verdict } from './RunPanel'
import { suggestion } from './SaveDialog'
import { withMissing } from './SlotCards'
import { statusOf } from './status'
import { blocks } from './Documentation'

const finding = (severity: Diagnostic['severity']): Diagnostic => ({ severity, code: 'c', message: 'm', subjects: [] })
const facts = { loading: 'ready', connection: 'online', pending: 0, checking: false, running: false, diagnostics: [], run: null } as const

describe('the status', () => {
  it('says in plain words how the model is', () => {
    expect(statusOf(facts)).toMatchObject({ tone: 'valid', text: 'Valid' })
    expect(statusOf({ ...facts, run: { milliseconds: 18.2, same: true, notNumbers: false } }).text).toBe('Valid · ran in 18 ms · same outputs as the original')
    expect(statusOf({ ...facts, run: { milliseconds: 1, same: true, notNumbers: true } })).toMatchObject({ tone: 'warning', text: 'Valid · ran in 1.0 ms · same outputs as the original · NaN in outputs', opens: 'run' })
    expect(statusOf({ ...facts, run: 'failed' })).toMatchObject({ tone: 'error', text: 'Valid · the run failed', opens: 'run' })
    expect(statusOf({ ...facts, run: 'elsewhere' })).toMatchObject({ tone: 'valid', text: 'Valid · cannot be run here', opens: 'run' })
    expect(statusOf({ ...facts, diagnostics: [finding('error'), finding('error'), finding('warning')] })).toMatchObject({ tone: 'error', text: '2 errors · 1 warning', opens: 'problems' })
    expect(statusOf({ ...facts, diagnostics: [finding('warning')] }).text).toBe('Valid · 1 warning')
    expect(statusOf({ ...facts, checking: true }).text).toBe('Checking…')
  })
  it('says that edits wait while there is no connection', () => {
    expect(statusOf({ ...facts, connection: 'offline', pending: 2 }).text).toBe('Reconnecting… 2 edits waiting')
    expect(statusOf({ ...facts, connection: 'recovering', diagnostics: [finding('error')] }).text).toBe('Recovering…')
  })
})

describe('small things', () => {
  it('keep the telling end of a long name', () => {
    const tail = (name: string): string => name.slice(splitAt(name))
    expect(tail('/lm/transformer/h.0/attn/Softmax')).toBe('Softmax')
    expect(tail('layer1.block0.conv2.weight')).toBe('weight')
    expect(tail('conv1')).toBe('conv1')
    expect(tail('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>')
    expect(tail('/model/layers.0/self_attn/')).toBe('self_attn/')
  })
  it('keep menus inside the window', () => {
    const window = { width: 1000, height: 700 }
    expect(clamp({ x: 990, y: 690 }, { width: 240, height: 200 }, window)).toEqual({ left: 752, top: 492 })
    expect(clamp({ x: -50, y: 0 }, { width: 240, height: 900 }, window)).toEqual({ left: 8, top: 8 })
  })
  it('tell guests apart by number and others by their letters', () => {
    const person = (id: string, name: string, colour: number): Participant => ({ id, name, colour, selection: [], cursor: null, graph: 'graph:' })
    const people = [person('b', 'Guest', 1), person('a', 'Guest', 0), person('c', 'Ada Lovelace', 2)]
    expect(people.map(initials)).toEqual(['2', '1', 'AL'])
  })
  it('suggest a path that is not the original', () => {
    expect(suggestion('models/resnet.onnx', 'resnet.onnx')).toBe('models/resnet-edited.onnx')
    expect(suggestion('', 'a-edited.onnx')).toBe('a-edited.onnx')
  })
  it('say how far an output is from the original', () => {
    expect(verdict({ equal: true, difference: 0 })).toBe('same')
    expect(verdict({ equal: true, difference: 1e-7 })).toBe('same within 1.00e-7')
    expect(verdict({ equal: false, difference: 0.25 })).toBe('differs by 0.25')
    expect(verdict({ equal: null, difference: null })).toBe('not compared')
  })
  it('part documentation into paragraphs and code', () => {
    expect(blocks('One\nline.\n\nTwo <b>.\n```\na = 1\n\nb\n```\nEnd')).toEqual([
      { code: false, text: 'One line.' }, { code: false, text: 'Two <b>.' }, { code: true, text: 'a = 1\n\nb' }, { code: false, text: 'End' },
    ])
  })
})

describe('the slots of a node', () => {
  const slot = (name: string, optional = false, variadic = false): SlotView => ({ name, doc: '', optional, variadic, types: [] })

  it('include the required ones that it does not have yet', () => {
    expect(withMissing(['a'], [slot('X'), slot('W'), slot('B', true)])).toEqual(['a', ''])
    expect(withMissing([], [slot('X', true), slot('Y')])).toEqual(['', ''])
    expect(withMissing(['a', 'b'], [slot('X')])).toEqual(['a', 'b'])
    expect(withMissing([], [slot('inputs', false, true)])).toEqual([])
  })
})
