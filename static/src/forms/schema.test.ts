/** Fields read from an edit's JSON schema, as pydantic writes it. */
import { expect, it } from 'vitest'
import { fieldsOf } from './schema'

const edit = {
  kind: 'insert-node', title: 'Insert node', acts_on: 'value', in_job: false, description: '',
  schema: {
    type: 'object', required: ['value', 'op_type'],
    $defs: { Mode: { enum: ['a', 'b'], type: 'string' } },
    properties: {
      kind: { const: 'insert-node' },
      value: { type: 'string', 'x-widget': 'value' },
      op_type: { type: 'string', 'x-widget': 'op_type' },
      shape: { anyOf: [{ type: 'array', items: {} }, { type: 'null' }], default: null, 'x-widget': 'shape' },
      dtype: { anyOf: [{ type: 'string', 'x-widget': 'dtype' }, { type: 'null' }], default: null },
      keep_default: { type: 'boolean', default: true },
      mode: { $ref: '#/$defs/Mode', description: 'how' },
    },
  },
}

it('finds the widget wherever the schema names it, and falls back on the type', () => {
  const widgets = Object.fromEntries(fieldsOf(edit).map((field) => [field.name, field.widget]))
  expect(widgets).toEqual({ value: 'value', op_type: 'op_type', shape: 'shape', dtype: 'dtype', keep_default: 'switch', mode: 'choice' })
})

it('knows what is required, what may be nothing, and what people call it', () => {
  const fields = Object.fromEntries(fieldsOf(edit).map((field) => [field.name, field]))
  expect(fields['value']).toMatchObject({ required: true, nullable: false })
  expect(fields['dtype']).toMatchObject({ required: false, nullable: true })
  expect(fields['keep_default']).toMatchObject({ label: 'keep default', default: true })
  expect(fields['op_type']?.label).toBe('operator')
  expect(fields['mode']?.schema.enum).toEqual(['a', 'b'])
})
