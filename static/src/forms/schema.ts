/** Reads an edit's JSON schema into fields: which widget, what is required, what the default is. */
import type { EditType, JsonSchema } from '../protocol/types'
import { without } from './without'

export interface FieldSpec {
  name: string
  label: string
  description: string
  widget: string
  required: boolean
  nullable: boolean
  default: unknown
  schema: JsonSchema
}

export function fieldsOf(edit: EditType): FieldSpec[] {
  const root = resolve(edit.schema, edit.schema)
  const required = new Set(root.required ?? [])
  return Object.entries(root.properties ?? {})
    .filter(([name]) => name !== 'kind' && name !== 'version')
    .map(([name, raw]) => {
      const schema = resolve(raw, edit.schema)
      const inner = unwrap(schema, edit.schema)
      return {
        name,
        label: LABELS[name] ?? label(name),
        description: schema.description ?? inner.description ?? '',
        widget: LONG.has(`${edit.kind} ${name}`) ? 'long_text' : schema['x-widget'] ?? inner['x-widget'] ?? raw['x-widget'] ?? widgetFor(inner),
        required: required.has(name),
        nullable: schema.anyOf?.some((one) => one.type === 'null') ?? false,
        default: schema.default,
        schema: inner,
      }
    })
}

/** What people call it, where the parameter's own name is a word for programs. */
const LABELS: Readonly<Record<string, string>> = { op_type: 'operator', extra_inputs: 'other inputs', consumers: 'into', subject: 'of', with: 'by', ir_version: 'IR version', keep_io: 'keep inputs and outputs', io_map: 'joined', old: 'dimension', new: 'new name' }

/** Texts of several lines. */
const LONG = new Set(['set-doc text', 'add-note text', 'set-metadata value'])

/** `keep_default` → `keep default` */
export function label(name: string): string {
  return name.replaceAll('_', ' ')
}

function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (!schema.$ref) return schema
  const target = root.$defs?.[schema.$ref.split('/').at(-1) ?? '']
  if (!target) throw new Error(`the schema refers to ${schema.$ref}, which it does not define`)
  return { ...resolve(target, root), ...without(schema, '$ref') }
}

/** What an optional parameter holds when it is given. */
function unwrap(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const given = schema.anyOf?.filter((one) => one.type !== 'null')
  return given?.length === 1 ? unwrap(resolve(given[0]!, root), root) : schema
}

/** A widget for a parameter whose schema names none. */
function widgetFor(schema: JsonSchema): string {
  if (schema.enum) return 'choice'
  if (schema.type === 'boolean') return 'switch'
  if (schema.type === 'object' || schema.type === 'array') return 'json'
  if (schema.type === 'integer' || schema.type === 'number') return 'number'
  return 'text'
}
