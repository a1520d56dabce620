/** Notes stay by what they were put beside: when that goes, and when its scope is opened and closed. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { documentOf, mainGraph, node, value } from '../document/encode.fixture'
import type { ModelDocument } from '../document/model'
import { layoutNested } from '../layout/nested'
import type { Change, NoteView } from '../protocol/types'
import type { Spot } from '../scene/flow'
import type { PlacedScene } from '../scene/placed'
import { meet } from '../scene/standing'
import { Camera } from './camera'
import { MarkBook } from './marks'
import type { NotePlace } from './note-layer'
import { NOTE_ASIDE, noteOrigins } from './note-origins'
import { ShownGraph } from './shown-graph'
import type { Stage } from './stage'

const NAMES = ['/stem/a', '/stem/b', '/body/c', '/body/d', '/body/e', '/head/f', '/head/g']

function chain(): ModelDocument {
  const nodes = NAMES.map((name, at) => node(`n${at}`, 'Relu', [at === 0 ? 'value:x' : `value:y${at - 1}`], [`value:y${at}`], { name }))
  return documentOf({ graphs: [mainGraph(['value:x'], ['value:y6'])], nodes, values: [value('value:x', { kind: 'input' }), ...NAMES.map((_, at) => value(`value:y${at}`, {}))] })
}

async function shown(document: ModelDocument): Promise<{ graph: ShownGraph; placed(): PlacedScene }> {
  const stage = {
    camera: new Camera(), measure: { width: (text: string) => text.length * 6, clear: () => {} }, placed: null as PlacedScene | null, note: '',
    setScene(placed: PlacedScene) { this.placed = placed }, painted: () => Promise.resolve(), shown: () => Promise.resolve(), invalidate: () => {}, inUse: () => [],
  }
  const graph = new ShownGraph(stage as unknown as Stage, new MarkBook(), { layout: (input, memory) => Promise.resolve(layoutNested(input, memory)) }, () => {})
  await graph.show(document, 'graph:', 'fit')
  return { graph, placed: () => stage.placed! }
}

const noteAt = (place: NotePlace): NoteView => ({ id: 'note:1', graph: 'graph:', text: 'look', ...place })
const standing = (placed: PlacedScene, place: NotePlace): Spot => noteOrigins(placed).standing(noteAt(place))
const boxOf = (placed: PlacedScene, id: string): ReturnType<PlacedScene['boxOf']> => placed.boxOf(placed.itemOfNode(id))
const scopeItem = (placed: PlacedScene, path: string): number => placed.scene.key.findIndex((_, item) => placed.scene.idOf(item) === `scope:${path}`)
const beside = ({ right, top }: { right: number; top: number }): Spot => ({ x: right + NOTE_ASIDE, y: top })

async function remove(document: ModelDocument, graph: ShownGraph, ...ids: string[]): Promise<void> {
  await graph.update(document.apply({ revision: document.revision + 1, delta: ids.map((id): Change => ({ table: 'node', id, after: null })) } as never))
}

beforeEach(() => {
  vi.stubGlobal('document', { fonts: { load: () => Promise.resolve([]) } })
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
})

describe('a note', () => {
  it('stays by the next node when the one that it is near goes, and when many go', async () => {
    const document = chain()
    const { graph, placed } = await shown(document)
    const place = noteOrigins(placed()).measured(beside(boxOf(placed(), 'n3')))
    expect(place.near).toBe('n3')
    for (const [gone, next] of [[['n3'], 'n2'], [['n2', 'n4'], 'n5']] as const) {
      await remove(document, graph, ...gone)
      const [dx, dy] = place.beside![next]!
      expect(standing(placed(), place), next).toEqual({ x: boxOf(placed(), next).left + dx, y: boxOf(placed(), next).top + dy })
    }
  })

  it('is near what it is put beside, even if another box is nearer', async () => {
    const { placed } = await shown(chain())
    const at = boxOf(placed(), 'n5')
    const place = noteOrigins(placed()).measured({ x: at.left, y: at.top }, placed().itemOfNode('n1'))
    expect([place.near, standing(placed(), place)]).toEqual(['n1', { x: at.left, y: at.top }])
  })

  it('stands beside the scope that is closed over its node', async () => {
    const { graph, placed } = await shown(chain())
    const open = beside(boxOf(placed(), 'n3'))
    const place = noteOrigins(placed()).measured(open)
    await graph.fold({ what: 'close-all' })
    expect(standing(placed(), place)).toMatchObject(beside(placed().boxOf(scopeItem(placed(), 'body'))))
    await graph.fold({ what: 'open-all' })
    expect(standing(placed(), place)).toEqual(beside(boxOf(placed(), 'n3')))
  })

  it('that was put beside a closed scope stays there, opened or closed, also without its first node', async () => {
    const document = chain()
    const { graph, placed } = await shown(document)
    await graph.fold({ what: 'close-all' })
    const card = placed().boxOf(scopeItem(placed(), 'body'))
    const place = noteOrigins(placed()).measured({ x: card.left - 180, y: card.top + 5 })
    await remove(document, graph, 'n2')
    const now = placed().boxOf(scopeItem(placed(), 'body'))
    expect(standing(placed(), place)).toEqual({ x: now.left - 180, y: now.top + 5 })
    await graph.fold({ what: 'open-all' })
    const { nest } = placed().scene.nesting!
    const container = Array.from({ length: nest.count }, (_, at) => nest.path(at)).indexOf('body')
    const open = placed().boxOfContainer(container)
    expect(standing(placed(), place)).toEqual({ x: open.left - 180, y: open.top + 5 })
  })

  describe('of a graph that is turned', () => {
    const size = { width: 150, height: 36 }
    const boxed = ({ x, y }: Spot) => ({ left: x, top: y, right: x + size.width, bottom: y + size.height })
    const covered = (placed: PlacedScene, at: Spot): number[] => Array.from(placed.scene.key.keys()).filter((item) => meet(placed.boxOf(item), boxed(at)))

    it('covers nothing, and stays beside its node, also with another one beside the same', async () => {
      const { graph, placed } = await shown(chain())
      const note = noteAt(noteOrigins(placed()).measured(beside(boxOf(placed(), 'n3'))))
      await graph.turn('right')
      const origins = noteOrigins(placed())
      const kept = origins.standing(note)
      expect([kept.unknown, covered(placed(), kept).length > 0]).toEqual([true, true])
      const at = origins.turned(note, size, () => [])
      const other = origins.turned({ ...note, id: 'note:2' }, size, () => [boxed(at)])
      const own = boxOf(placed(), 'n3')
      for (const one of [at, other]) {
        expect(covered(placed(), one)).toEqual([])
        expect(Math.hypot(one.x - own.left, one.y - own.bottom)).toBeLessThan(130)
      }
      expect(meet(boxed(at), boxed(other))).toBe(false)
    })

    it('has a place of its own once it is moved there, and the old one when the graph is turned back', async () => {
      const { graph, placed } = await shown(chain())
      const first = beside(boxOf(placed(), 'n3'))
      const note = noteAt(noteOrigins(placed()).measured(first))
      await graph.turn('right')
      const at = { x: Math.round(boxOf(placed(), 'n3').left), y: Math.round(boxOf(placed(), 'n3').bottom) + 90 }
      const { direction, ...turned } = noteOrigins(placed()).measured(at)
      expect(direction).toBe('right')
      const moved: NoteView = { ...note, turned }
      expect(noteOrigins(placed()).standing(moved)).toEqual({ x: expect.closeTo(at.x, 0), y: expect.closeTo(at.y, 0) })
      await graph.turn('down')
      expect(noteOrigins(placed()).standing(moved)).toEqual({ x: expect.closeTo(first.x, 0), y: expect.closeTo(first.y, 0) })
    })
  })
})
