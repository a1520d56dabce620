import { describe, expect, it } from 'vitest'
import { fedFirst, hasDefault } from './ShapesWidget'

describe('the inputs in the form that resizes them', () => {
  it('begin with what every run must give, weights with a default come last', () => {
    const inputs = [{ name: 'weight', bytes: 36 }, { name: 'image', bytes: 0 }, { name: 'bias', bytes: 4 }]
    expect(fedFirst(inputs).map((one) => one.name)).toEqual(['image', 'weight', 'bias'])
  })

  it('have a default when a tensor stands for them', () => {
    expect([{ bytes: 36 }, { bytes: 0 }].map(hasDefault)).toEqual([true, false])
  })
})
