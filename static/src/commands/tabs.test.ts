/** Tabs as a browser's windows share them: what is kept, what is shown next, what somebody else wrote. */
import { describe, expect, it } from 'vitest'
import { pageOf, Tabs } from './tabs'

const id = (digit: string): string => digit.repeat(24)

function storage(content: Record<string, string> = {}): Storage {
  const kept = new Map(Object.entries(content))
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => { kept.set(key, value) } } as unknown as Storage
}

function three(): { tabs: Tabs; kept: Storage } {
  const kept = storage()
  const tabs = new Tabs(kept)
  for (const digit of ['a', 'b', 'c']) tabs.show(id(digit))
  return { tabs, kept }
}

describe('tabs', () => {
  it('are the same in the next window', () => {
    const { tabs, kept } = three()
    tabs.tell(id('b'), { name: 'net.onnx', unsaved: true })
    expect(new Tabs(kept).list.value).toEqual(tabs.list.value)
  })

  it('go round', () => {
    const { tabs } = three()
    expect([tabs.neighbour(1), tabs.neighbour(-1)]).toEqual([id('a'), id('b')])
  })

  it('show the neighbour of a closed one', () => {
    const { tabs } = three()
    tabs.show(id('b'))
    expect(tabs.close(id('b'))).toBe(id('c'))
    expect(tabs.close(id('c'))).toBe(id('a'))
    expect(tabs.close(id('a'))).toBeNull()
  })

  it('stand beside the one that they came from', () => {
    const { tabs } = three()
    tabs.show(id('a'))
    tabs.show(id('d'), true)
    expect(tabs.list.value.map((tab) => tab.id[0])).toEqual(['a', 'd', 'b', 'c'])
  })

  it('lose what the server does not have, but not the one that is shown', () => {
    const { tabs } = three()
    tabs.keepOnly([id('b')])
    expect(tabs.list.value.map((tab) => tab.id[0])).toEqual(['b', 'c'])
  })

  it('are none when something else stands in the storage', () => {
    expect(new Tabs(storage({ 'scalpel.tabs': '{"a": 1' })).list.value).toEqual([])
    expect(new Tabs(storage({ 'scalpel.tabs': '[{"id": "../evil", "name": "x", "unsaved": false, "note": ""}, 7]' })).list.value).toEqual([])
  })

  it('lead to a model or to a file that is looked at', () => {
    expect([pageOf(id('a')), pageOf(`v${id('a')}`)]).toEqual([`/s/${id('a')}`, `/v/v${id('a')}`])
  })
})
