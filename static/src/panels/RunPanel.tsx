/** What the last run gave: every output, how far it is from the original's, and what went in. */
import type { JSX } from 'preact'
import { startRun } from '../commands/run'
import { useEditor } from '../forms/editor-context'
import { numberText, shapeText, shortDtype } from '../forms/literals'
import { sentence } from '../forms/sentence'
import type { RunResult, RunValue } from '../protocol/types'
import { Icon } from './Icon'
import { clipped, Name } from './Name'
import { millisecondsText, plural } from './status'

export function RunPanel(): JSX.Element {
  const editor = useEditor()
  const { state } = editor
  const run = state.run.value
  const error = state.runError.value
  const busy = state.job.value?.state === 'running'
  const close = (): void => { state.rightView.value = 'inspector' }
  return (
    <>
      <header class="inspector-head">
        <h2>Run</h2>
        <span class="origin cut">{busy ? state.job.value!.text : run && run.revision < state.revision.value && !error ? `before ${plural(state.revision.value - run.revision, 'later edit')}` : ''}</span>
        <button type="button" class="icon-button small" aria-label="Close the run" onClick={close}><Icon name="close" /></button>
      </header>
      {error && !busy && (
        <div class={error.code === 'no-kernel' ? 'note info' : 'note error'} role="alert"><p>{sentence(error.message)}</p>{error.hint && <p class="note-hint">{sentence(error.hint)}</p>}
          {error.subjects.filter((id) => editor.node(id) ?? editor.value(id)).slice(0, 3).map((id) => <button key={id} type="button" class="link" onClick={() => void editor.goTo(id)}>{editor.node(id)?.name || editor.value(id)?.name || editor.node(id)?.op_type}</button>)}
        </div>
      )}
      {run && !error && <Result result={run.result} />}
      <div class="deeds run-deeds">
        <button type="button" class="button" disabled={busy} onClick={() => void startRun(editor, undefined, error ? undefined : (run?.result.seed ?? 0) + 1)}>{error ? 'Run again' : 'Run with other inputs'}</button>
        {run && Object.keys(state.dims.value).length > 0 && <button type="button" class="button" disabled={busy} onClick={() => { state.dialog.value = 'run' }}>Other sizes…</button>}
      </div>
    </>
  )
}

function Result({ result }: { result: RunResult }): JSX.Element {
  const times: [string, string][] = [['This model', millisecondsText(result.milliseconds)], ['Loading it', millisecondsText(result.load_milliseconds)]]
  if (result.original_milliseconds !== null) times.splice(1, 0, ['The original', millisecondsText(result.original_milliseconds)])
  return (
    <>
      <dl>{times.map(([name, text]) => <div key={name} class="fact"><dt>{name}</dt><dd>{text}</dd></div>)}</dl>
      <section class="section">
        <h3 class="section-title" id="run-outputs">Outputs</h3>
        <div role="table" aria-labelledby="run-outputs">
          {result.outputs.map((output) => <OutputCard key={output.value} output={output} />)}
        </div>
      </section>
      <section class="section" aria-label="Inputs">
        <h3 class="section-title">Inputs · seed {result.seed}</h3>
        <dl>
          {result.inputs.map((input) => <div key={input.name} class="fact two"><dt class="cut" title={input.name}>{input.name}</dt><dd class="cut" title={input.how}>{shapeText(input.shape)} {shortDtype(input.dtype)}<small>{input.how}</small></dd></div>)}
          {Object.entries(result.dims).map(([name, size]) => <div key={`dim ${name}`} class="fact"><dt class="cut">{name} =</dt><dd>{size}</dd></div>)}
        </dl>
      </section>
    </>
  )
}

function OutputCard({ output }: { output: RunValue }): JSX.Element {
  const editor = useEditor()
  const faults = [output.nans > 0 ? plural(output.nans, 'NaN') : '', output.infinities > 0 ? (output.infinities === 1 ? '1 infinity' : `${output.infinities} infinities`) : ''].filter(Boolean)
  return (
    <div role="row" class="card run-card">
      <span role="cell" class="cut"><button type="button" class="run-name" aria-label={output.name} title={clipped(output.name)} onClick={() => void editor.goTo(output.value)}><Name name={output.name} /></button></span>
      <span role="cell" class={`run-verdict ${output.equal === true ? 'valid' : output.equal === false ? 'warning' : 'quiet'}`}>{verdict(output)}</span>
      <span role="cell" class="type-line">{shapeText(output.shape)} {shortDtype(output.dtype)}</span>
      <span role="cell" class="run-range">{output.minimum !== null && `${numberText(output.minimum)} … ${numberText(output.maximum)}`}{output.mean !== null && ` · mean ${numberText(output.mean)}`}</span>
      {faults.length > 0 && <span role="cell" class="run-faults">{faults.join(' · ')}</span>}
      {output.note && <span role="cell" class="run-note">{output.note}</span>}
    </div>
  )
}

export function verdict(output: Pick<RunValue, 'equal' | 'difference'>): string {
  if (output.equal === null) return 'not compared'
  if (output.difference === 0) return 'same'
  if (output.difference === null) return output.equal ? 'same' : 'differs'
  return output.equal ? `same within ${numberText(output.difference)}` : `differs by ${numberText(output.difference)}`
}
