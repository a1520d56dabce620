/** What travels about a model as a whole and about one tensor: the twin of app/inspectors/. */

export interface ModelReport {
  revision: number
  identity: { file: string; file_bytes: number; graph: string; ir_version: number; opset_imports: { domain: string; version: number }[]; metadata_entries: number }
  /** `sure` is '' where nothing was recognised */
  provenance: { producer: string; producer_version: string; framework: string; exporter: string; sure: '' | 'certain' | 'likely' | 'a guess'; because: string[]; tools: string[] }
  interface: { needed: number; dims: string[] }
  operators: { nodes: number; total_nodes: number; kinds: number; bodies: number; depth: number }
  weights: WeightFacts
  cost: CostFacts
  domains: {
    domains: { domain: string; version: number | null; nodes: number; kind: string }[]
    unknown: { domain: string; op_type: string; count: number; nodes: string[]; why: string }[]
  }
  functions: { count: number; functions: { graph: string; domain: string; name: string; overload: string; nodes: number; inputs: number; outputs: number; calls: number }[] }
  external: { count: number; tensors: number; bytes: number; files: { location: string; tensors: number; bytes: number; file_bytes: number | null; problem: string; subjects: string[] }[] }
  safety: { notes: { severity: 'warning' | 'info'; code: string; message: string; subjects: string[] }[] }
}

export interface WeightFacts {
  initializers: number
  sparse_initializers: number
  initializers_in_bodies: number
  constants: number
  parameters: number
  bytes: number
  constant_elements: number
  constant_bytes: number
  by_dtype: { dtype: string; tensors: number; elements: number; bytes: number }[]
  precision: string
  quantised: string
  unread: number
  unread_bytes: number
  /** ids of the first of them */
  unread_values: string[]
  /** `subject` is a value, or the node whose `attribute` holds the tensor */
  largest: { subject: string; attribute: string; name: string; dtype: string; shape: number[]; bytes: number; text: string }[]
}

/** An estimate for `sizes` of the open dims; `known` false: nothing could be inferred, and `why` */
export interface CostFacts {
  known: boolean
  why: string
  sizes: Record<string, number>
  macs?: number
  flops?: number
  matrix_nodes?: number
  matrix_unknown?: number
  by_operator?: { op_type: string; domain: string; nodes: number; unknown: number; macs: number; flops: number }[]
  heaviest?: { node: string; name: string; op_type: string; macs: number }[]
  activation_bytes?: number
  peak_bytes?: number
}

/** A number, or as text what JSON has no number for: NaN, Infinity, integers from 2^53, complex numbers */
export type TensorValue = number | string | boolean
export interface TensorView {
  dtype: string
  shape: number[]
  elements: number | string
  bytes: number
  sparse: boolean
  /** the data file; null: in the model's own file */
  location: string | null
  start: number
  rows: number
  values: TensorValue[]
}
export interface TensorStatistics extends TensorView {
  minimum: TensorValue | null
  maximum: TensorValue | null
  mean: TensorValue | null
  std: TensorValue | null
  zeros: number | null
  nans: number
  infinities: number
  histogram: number[]
  edges: [number, number] | []
}
