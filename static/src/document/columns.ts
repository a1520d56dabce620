/** Decodes the snapshot's columns: typed arrays over the downloaded buffer, strings sliced only when asked for. */
import { release } from './release'
import type { ArrangementView, Family, GraphView, ModelView } from '../protocol/types'

export const MAGIC = 'SCLP'
export const FORMAT = 3

export interface OperatorFacts {
  op_type: string
  domain: string
  family: Family
  input_names: string[]
  output_names: string[]
  variadic_input: boolean
  variadic_output: boolean
  overload?: string
  /** the graph of the local function that nodes of this operator call */
  function?: string
}

export type SectionType = 'u8' | 'u16' | 'u32' | 'i32' | 'f64' | 'utf8'
export interface Section { offset: number; length: number; type: SectionType }

export interface ColumnsHeader {
  revision: number
  model: ModelView
  graphs: GraphView[]
  operators: OperatorFacts[]
  /** of snapshots that know of any */
  arrangement?: ArrangementView
  counts: { nodes: number; values: number; strings: number }
  sections: Record<string, Section>
}

/** What the columns hold, by name; indexes of nodes and values are their positions. */
export interface Columns {
  header: ColumnsHeader
  strings: Strings
  /** of `strings.idAt` */
  nodeId: Uint32Array
  nodeName: Uint32Array
  nodeDoc: Uint32Array
  /** where the exporter put the node, by its metadata: parts with slashes between */
  nodeScope: Uint32Array
  nodeGraph: Uint32Array
  nodeOp: Uint32Array
  nodeInStart: Uint32Array
  nodeIn: Int32Array
  nodeOutStart: Uint32Array
  nodeOut: Int32Array
  nodeAttrStart: Uint32Array
  attrName: Uint32Array
  attrView: Uint32Array
  bodyStart: Uint32Array
  body: Uint32Array
  /** of `strings.idAt` */
  valueId: Uint32Array
  valueName: Uint32Array
  valueDtype: Uint32Array
  valueShape: Uint32Array
  valueDoc: Uint32Array
  valueGraph: Uint32Array
  valueKind: Uint8Array
  valueFlags: Uint8Array
  valueBytes: Float64Array
  /** of scalars and short lists: what is in them, with commas between */
  valueElements: Uint32Array
}

/** What an id may have before a string of the table, by the two upper bits of its number; the rest of the number is the string's. */
export const NODE_OF = 2 ** 30
export const VALUE_OF = 2 * NODE_OF
const PREFIXES = ['', 'node:', 'value:'] as const
const PREFIX_HASHES = PREFIXES.map((prefix) => hashOf(prefix))
const PLAIN = NODE_OF - 1

/** The string table: one decoded text, cut at `ends` (UTF-16 units). Most ids are no strings of their own in it, but made of a prefix and another. */
export class Strings {
  constructor(private readonly text: string, private readonly ends: Uint32Array) {}

  get length(): number {
    return this.ends.length
  }

  at(index: number): string {
    return this.text.slice(this.startOf(index), this.ends[index])
  }

  idAt(number: number): string {
    const name = this.at(number & PLAIN)
    return number > PLAIN ? PREFIXES[number >>> 30] + name : name
  }

  /** `idAt(number) === id`, without making that string. */
  isIdAt(number: number, id: string): boolean {
    const prefix = PREFIXES[number >>> 30]
    const name = this.at(number & PLAIN)
    return id.length === prefix.length + name.length && id.startsWith(prefix) && id.endsWith(name)
  }

  /** `hashOf(idAt(number))`, without making that string. */
  hashOfIdAt(number: number): number {
    const index = number & PLAIN
    return hashOf(this.text, this.startOf(index), this.ends[index], PREFIX_HASHES[number >>> 30])
  }

  private startOf(index: number): number {
    return index === 0 ? 0 : this.ends[index - 1]
  }
}

/** FNV-1a over the UTF-16 units from `start` to `end`, as a 32-bit integer; `hash`: of what is before them. */
export function hashOf(text: string, start = 0, end = text.length, hash = 0x811c9dc5 | 0): number {
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

/** A snapshot that cannot be read: another format, or cut on the way. */
export class ColumnsError extends Error {}

/** The buffer is empty afterwards. */
export function readColumns(buffer: ArrayBuffer): Columns {
  const header = readHeader(buffer)
  const section = (name: string): Section => {
    const found = header.sections[name]
    if (!found) throw new ColumnsError(`the snapshot lacks its section ${name}`)
    return found
  }
  const text = new TextDecoder().decode(view(buffer, section('strings'), Uint8Array))
  // the rest moves out, so that the bytes of the strings, most of the download, are not kept beside the text
  const from = section('string_ends').offset
  const kept = buffer.slice(from)
  release([buffer])
  const place = (name: string): Section => ({ ...section(name), offset: section(name).offset - from })
  const u8 = (name: string): Uint8Array => view(kept, place(name), Uint8Array)
  const u32 = (name: string): Uint32Array => view(kept, place(name), Uint32Array)
  const i32 = (name: string): Int32Array => view(kept, place(name), Int32Array)
  return {
    header,
    strings: new Strings(text, u32('string_ends')),
    nodeId: u32('node_id'), nodeName: u32('node_name'), nodeDoc: u32('node_doc'), nodeScope: u32('node_scope'), nodeGraph: u32('node_graph'), nodeOp: u32('node_op'),
    nodeInStart: u32('node_in_start'), nodeIn: i32('node_in'), nodeOutStart: u32('node_out_start'), nodeOut: i32('node_out'),
    nodeAttrStart: u32('node_attr_start'), attrName: u32('attr_name'), attrView: u32('attr_view'),
    bodyStart: u32('body_start'), body: u32('body'),
    valueId: u32('value_id'), valueName: u32('value_name'), valueDtype: u32('value_dtype'), valueShape: u32('value_shape'),
    valueDoc: u32('value_doc'), valueGraph: u32('value_graph'), valueKind: u8('value_kind'), valueFlags: u8('value_flags'),
    valueBytes: view(kept, place('value_bytes'), Float64Array), valueElements: u32('value_elements'),
  }
}

function readHeader(buffer: ArrayBuffer): ColumnsHeader {
  if (buffer.byteLength < 12) throw new ColumnsError('the snapshot is too short')
  const start = new DataView(buffer)
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4))
  if (magic !== MAGIC) throw new ColumnsError('this is no snapshot')
  const format = start.getUint32(4, true)
  if (format !== FORMAT) throw new ColumnsError(`the snapshot has format ${format}, this page reads ${FORMAT}: reload the page`)
  const length = start.getUint32(8, true)
  if (12 + length > buffer.byteLength) throw new ColumnsError('the snapshot was cut on the way')
  return JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 12, length))) as ColumnsHeader
}

interface TypedArrayOf<T> { new (buffer: ArrayBuffer, offset: number, length: number): T; readonly BYTES_PER_ELEMENT: number }

function view<T>(buffer: ArrayBuffer, section: Section, kind: TypedArrayOf<T>): T {
  if (section.offset < 0 || section.offset + section.length * kind.BYTES_PER_ELEMENT > buffer.byteLength) throw new ColumnsError('the snapshot was cut on the way')
  return new kind(buffer, section.offset, section.length)
}
