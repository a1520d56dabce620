/** How far the opening of a model is, in words and as a part of the whole. */
import { bytesText } from './literals'
import type { OpeningProgress } from '../protocol/types'

export function openingText({ step, done, of }: OpeningProgress): string {
  if (step === 'reading') return `Reading ${bytesText(of)}; weights stay where they are.`
  if (step === 'nodes' && done < of) return `Making the graph: ${done.toLocaleString('en')} of ${of.toLocaleString('en')} nodes.`
  if (step === 'nodes') return `All ${of.toLocaleString('en')} nodes are read; starting the session.`
  if (step === 'loading') return `Loading the graph: ${bytesText(done)} of ${bytesText(of)}.`
  if (step === 'layout') return `Laying out the graph of ${of.toLocaleString('en')} nodes.`
  return 'Reading the graph; weights stay where they are.'
}

/** 0 to 1; null where nobody knows */
export function openingFraction({ step, done, of }: OpeningProgress): number | null {
  return (step === 'nodes' || step === 'loading') && done < of ? done / of : null
}
