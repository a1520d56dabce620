/** Where the weights of a saved model go: asked in the save dialog, and on its own where one file cannot hold them. */
import type { JSX } from 'preact'
import type { WeightsPlace, WeightsWish } from '../commands/saving'
import { useEditor } from '../forms/editor-context'
import { bytesText } from '../forms/literals'
import { sentence } from '../forms/sentence'
import type { ModelReport } from '../protocol/report'
import { lastOf } from '../commands/data-files'
import { Modal } from './Modal'
import { useReport } from './use-report'

const PLACES: readonly { place: WeightsPlace; label: string; detail: string }[] = [
  { place: 'as-they-are', label: 'As they were', detail: '' },
  { place: 'inline', label: 'Inside the model file', detail: 'one file, up to 2 GB' },
  { place: 'one-file', label: 'In one data file', detail: 'beside the model file' },
  { place: 'per-tensor', label: 'One file per tensor', detail: 'in a folder beside it' },
]

export function WeightsChoice({ wish, busy, onWish }: { wish: WeightsWish; busy: boolean; onWish(wish: WeightsWish): void }): JSX.Element {
  const { report } = useReport(false)
  const apart = wish.weights === 'one-file' || wish.weights === 'per-tensor'
  return (
    <div class="form-field weights-choice">
      <span class="field-label" id="weights-label">weights</span>
      <div class="weights-places" role="radiogroup" aria-labelledby="weights-label">
        {PLACES.map(({ place, label, detail }) => (
          <label key={place} class="weights-place">
            <input type="radio" name="weights" disabled={busy} value={place} checked={wish.weights === place} onChange={() => onWish({ ...wish, weights: place })} />
            <span>{label}</span><span class="quiet cut">{place === 'as-they-are' ? whereTheyAre(report) : detail}</span>
          </label>
        ))}
        {apart && (
          <details class="weights-more">
            <summary>More</summary>
            <label>Tensors below <input class="field" type="number" disabled={busy} min="0" step="1" aria-label="size threshold in bytes" value={wish.threshold} onInput={(event) => { const bytes = event.currentTarget.valueAsNumber; if (Number.isInteger(bytes) && bytes >= 0) onWish({ ...wish, threshold: bytes }) }} /> bytes stay inside</label>
          </details>
        )}
      </div>
    </div>
  )
}

/** `1.2 MB inside the model file`, `in w.bin and 3 more files` */
export function whereTheyAre(report: ModelReport | null): string {
  if (!report) return ''
  const { files, count, bytes } = report.external
  if (count === 0) return `${bytesText(report.weights.bytes)} inside the model file`
  const first = lastOf(files[0]?.location ?? '')
  return `${bytesText(bytes)} in ${first}${count > 1 ? ` and ${count - 1} more ${count === 2 ? 'file' : 'files'}` : ''}`
}

/** Asked when a model has grown beyond what one .onnx file can hold. */
export function WeightsDialog(): JSX.Element | null {
  const { state } = useEditor()
  const question = state.weightsQuestion.value
  if (!question) return null
  const close = (): void => { state.weightsQuestion.value = null }
  return (
    <Modal title="Where do the weights go?" onClose={close}>
      <p>{sentence(question.error.message)}</p>
      <div class="choices-list">
        {(question.error.choices ?? []).map(({ label, ...chosen }, at) => (
          <button key={label} type="button" class="choice-row" data-focus={at === 0 ? true : undefined} onClick={() => { close(); question.answered(chosen) }}>
            <strong>{label}</strong><span>{chosen['weights'] === 'per-tensor' ? 'In the folder scalpel-tensors beside the model file.' : 'Beside the model file; keep the two together.'}</span>
          </button>
        ))}
      </div>
      <div class="form-deeds spread"><span class="grow" /><button type="button" class="button" onClick={close}>Cancel</button></div>
    </Modal>
  )
}
