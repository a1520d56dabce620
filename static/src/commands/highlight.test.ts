/** What lies before and behind nodes, near and far, through bodies too; and what is said of it. */
import { computed } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import { EditorState } from '../state'
import type { Editor } from './editor'
import { followValue, highlighted, setSteps, stepHighlight, toggleReach } from './highlight'
import { downstream, reachOf, sameOperator, upstream } from './reach'

/** x → a → b → c → y; a also feeds d, and an If whose branch takes b's output. */
const document = documentOf({
  graphs: [mainGraph(['value:x'], ['value:y']), { ...mainGraph([], ['value:t']), id: 'graph:node:if.then_branch', parent: 'graph:' }],
  nodes: [
    node('node:a', 'Relu', ['value:x'], ['value:a']), node('node:b', 'Neg', ['value:a'], ['value:b']), node('node:c', 'Relu', ['value:b'], ['value:y']),
    node('node:d', 'Abs', ['value:a'], ['value:d']), node('node:if', 'If', ['value:d'], ['value:i'], { bodies: ['graph:node:if.then_branch'] }),
    node('node:t', 'Exp', ['value:b'], ['value:t'], { graph: 'graph:node:if.then_branch' }),
  ],
  values: [
    value('value:x', { kind: 'input' }), value('value:a'), value('value:b'), value('value:d'), value('value:i'), value('value:y', { kind: 'output', is_output: true }),
    value('value:t', { graph: 'graph:node:if.then_branch', is_output: true }),
  ],
})

function editorAt(selection: string[], graph = 'graph:'): Editor & { went: string[] } {
  const state = new EditorState()
  const went: string[] = []
  state.graph.value = graph
  state.selection.value = new Set(selection)
  return { state, document, went, node: (id: string) => document.node(id), value: (id: string) => document.value(id), goTo: async (id: string) => { went.push(id) } } as unknown as Editor & { went: string[] }
}

describe('reach', () => {
  it('goes to all ancestors and all that is fed', () => {
    expect([...upstream(document, ['node:c'])]).toEqual(['node:b', 'node:a'])
    expect([...downstream(document, ['node:b'])]).toEqual(['node:c', 'node:if'])
    expect(sameOperator(document, ['graph:'], ['node:a'])).toEqual(['node:a', 'node:c'])
  })
  it('counts steps from the nearest of several nodes', () => {
    expect(Object.fromEntries(reachOf(document, ['node:a', 'node:b'], 'down', Infinity).down)).toEqual({ 'node:d': 1, 'node:c': 1, 'node:if': 1 })
    expect([...reachOf(document, ['node:a'], 'down', 1).down.keys()]).toEqual(['node:b', 'node:d'])
  })
  it('takes a node for what its bodies need', () => {
    expect([...upstream(document, ['node:if'])].sort()).toEqual(['node:a', 'node:b', 'node:d'])
  })
  it('keeps to the graph it begins in', () => {
    expect([...upstream(document, ['node:t'])]).toEqual([])
  })
})

describe('the highlight', () => {
  it('lights what a node depends on and says how many that are', () => {
    const editor = editorAt(['node:c'])
    toggleReach(editor, 'up')
    const found = highlighted(editor)!
    expect(found).toMatchObject({ subject: 'Relu node:c', counts: 'depends on 2 nodes' })
    expect([...found.lit.nodes].sort()).toEqual(['node:a', 'node:b', 'node:c'])
    expect([...found.lit.taken].sort()).toEqual(['value:a', 'value:b', 'value:x'])
    toggleReach(editor, 'up')
    expect(editor.state.highlight.value).toBeNull()
  })
  it('is looked for again when nodes change, and not when a value gets a name or a type', () => {
    const editor = editorAt(['node:c'])
    toggleReach(editor, 'up')
    const shown = computed(() => highlighted(editor))
    const first = shown.value
    editor.state.version.value += 1
    expect(shown.value).toBe(first)
    editor.state.listed.value += 1
    expect(shown.value).not.toBe(first)
  })
  it('goes a step further and a step less, from all the way down as well', () => {
    const editor = editorAt(['node:a'])
    toggleReach(editor, 'both')
    expect(highlighted(editor)!.counts).toBe('depends on no nodes and feeds 4 nodes')
    stepHighlight(editor, -1)
    expect(highlighted(editor)!.counts).toBe('depends on no nodes and feeds 2 nodes')
    expect(highlighted(editor)!.more).toBe(true)
    setSteps(editor, 7)
    expect(highlighted(editor)!.more).toBe(false)
  })
  it('follows a value from its maker to its readers, in bodies too, and around', () => {
    const editor = editorAt(['node:b'])
    followValue(editor)
    expect(highlighted(editor)).toMatchObject({ subject: 'b', counts: 'N×8  f32 · read 2 times' })
    for (let step = 0; step < 4; step++) stepHighlight(editor, 1)
    expect(editor.went).toEqual(['node:b', 'node:c', 'node:t', 'node:b'])
  })
  it('stands for the node that holds the body where the body is not shown, and is away in other graphs', () => {
    const editor = editorAt(['node:b'])
    followValue(editor)
    expect([...highlighted(editor)!.lit.nodes].sort()).toEqual(['node:b', 'node:c', 'node:if'])
    editor.state.graph.value = 'graph:node:if.then_branch'
    expect([...highlighted(editor)!.lit.nodes]).toEqual(['node:t'])
    const far = editorAt(['node:a'])
    toggleReach(far, 'down')
    far.state.graph.value = 'graph:node:if.then_branch'
    expect(highlighted(far)).toBeNull()
  })
  it('is there for nodes in bodies that are open in place, and reaches readers in them', () => {
    const inside = Object.assign(editorAt(['node:t']), { canvas: { canShow: (graph: string) => graph === 'graph:node:if.then_branch' } as unknown as Editor['canvas'] })
    toggleReach(inside, 'up')
    expect(highlighted(inside)).toMatchObject({ subject: 'Exp node:t', nodes: ['node:t'] })
    inside.state.selection.value = new Set(['node:b'])
    inside.state.highlight.value = null
    followValue(inside)
    expect([...highlighted(inside)!.lit.nodes].sort()).toEqual(['node:b', 'node:c', 'node:if', 'node:t'])
  })
  it('goes on with the next output of the node, and ends after the last', () => {
    const editor = editorAt(['node:a'])
    followValue(editor)
    expect(editor.state.highlight.value).toMatchObject({ value: 'value:a' })
    followValue(editor)
    expect(editor.state.highlight.value).toBeNull()
  })
})
