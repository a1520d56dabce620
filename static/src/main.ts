/** Where the page begins: makes the parts and wires them, for the start page or for open models. */
import '@fontsource-variable/inter/index.css'
import './style/tokens.css'
import './style/base.css'
import './style/controls.css'
import './style/shell.css'
import './style/panels.css'
import './style/inspector.css'
import './style/overview.css'
import './style/floating.css'
import './style/reach.css'
import './style/preview.css'
import './style/forced.css'
import './style/canvas.css'
import './style/start.css'
import './style/files.css'
import { h, render } from 'preact'
import { io } from 'socket.io-client'
import { GraphCanvas } from './canvas/graph-canvas'
import { practise } from './canvas/practice'
import { editorCommands, MAP_KEY } from './commands/all'
import { Editor } from './commands/editor'
import { keptDirection } from './commands/turning'
import type { CanvasPort } from './commands/ports'
import { Api, type Opened } from './connection/api'
import type { Dropped } from './connection/dropped'
import { participantId, participantName } from './connection/identity'
import { SessionLink, type SocketLike } from './connection/link'
import { decodeColumns, type ModelDocument } from './document/model'
import { EditorContext } from './forms/editor-context'
import { LayoutWorker, ROUNDS_WHILE_IDLE } from './layout/client'
import { type Live, OpenPages } from './open-pages'
import { EditorPage } from './panels/EditorPage'
import type { CanvasEvents } from './panels/CanvasView'
import { PictureFirst } from './panels/picture-first'
import { type ThemeChoice, themeChoice } from './panels/theme-choice'
import { ViewerPage } from './panels/ViewerPage'
import { showHiddenCharacters } from './panels/visible-text'
import { StartPage } from './start/StartPage'
import { EditorState } from './state'

const RECONNECT = { reconnectionDelay: 300, reconnectionDelayMax: 3000, randomizationFactor: 0.3 }

/** The model that is opened here takes this page's place: its code is loaded, and the page and the layout worker have practised. */
function startPage(root: Element, pictures: PictureFirst): void {
  const theme = themeChoice()
  const layouts = new LayoutWorker()
  const opened = new AbortController()
  void practise(layouts, opened.signal).then(() => layouts.warm(ROUNDS_WHILE_IDLE))
  const onOpened = (what: Opened, along: readonly Dropped[]): void => { opened.abort(); modelPages(root, 'view' in what ? what.view : what.session, along, theme, layouts, pictures) }
  render(h(StartPage, { api: new Api(), theme, onOpened }), root)
}

/** One or more models: the first that is shown is the one of the address, and what was dropped while it was opened is for it. */
function modelPages(root: Element, first: string, along: readonly Dropped[], theme: ThemeChoice, layouts: LayoutWorker, pictures: PictureFirst): void {
  const api = new Api()
  const pages: OpenPages = new OpenPages(root, api, {
    live: (session) => liveModel(session, api, theme, layouts, pictures),
    viewer: (id, along) => h(ViewerPage, { key: id, api, id, along, pages, theme }),
  })
  pages.start(first, along)
}

/** A connected model and its page. The canvas stays as it is while another model is shown. */
function liveModel(session: string, api: Api, theme: ThemeChoice, layouts: LayoutWorker, pictures: PictureFirst): Live {
  const state = new EditorState()
  state.session.value = session
  state.map.value = localStorage.getItem(MAP_KEY) !== 'closed'
  state.direction.value = keptDirection()
  const editor = new Editor(state, api, decodeColumns)
  editor.me = participantId(sessionStorage)
  const commands = editorCommands(editor)
  const box = document.createElement('div')
  box.className = 'canvas-box'
  let canvas: GraphCanvas | null = null
  let port: CanvasPort | null = null
  let heard: CanvasEvents
  const makeCanvas = (container: HTMLElement, events: CanvasEvents): CanvasPort => {
    heard = events
    container.append(box)
    canvas ??= new GraphCanvas(box, new Proxy(events, { get: (_, name) => Reflect.get(heard, name) as unknown }), layouts)
    port ??= { ...graphCanvas(canvas, pictures), destroy: () => box.remove() }
    return port
  }
  void editor.open((since, events) => {
    const socket = io({ autoConnect: false, forceNew: true, transports: ['websocket', 'polling'], ...RECONNECT }) as unknown as SocketLike
    return new SessionLink(socket, session, { participant: editor.me, name: participantName(localStorage) }, since, events, (edit, client) => api.edit(session, edit, editor.me, client))
  })
  return {
    editor,
    view: () => h(EditorContext.Provider, { key: session, value: { editor, commands } }, h(EditorPage, { theme, makeCanvas })),
    end: () => { editor.close(); canvas?.destroy() },
  }
}

/** The canvas with documents of the kind that `decodeColumns` makes: the only kind this page has. */
function graphCanvas(canvas: GraphCanvas, pictures: PictureFirst): CanvasPort {
  return {
    show: (document, graph, how) => canvas.show(document as ModelDocument, graph, how),
    view: () => canvas.view(),
    openAt: (view) => canvas.openAt(view),
    update: (changes) => {
      const updated = canvas.update(changes)
      pictures.wait(canvas.shown())
      return updated
    },
    setSelection: (ids) => canvas.setSelection(ids),
    setDiagnostics: (list) => canvas.setDiagnostics(list),
    setHits: (ids) => canvas.setHits(ids),
    setLit: (lit) => canvas.setLit(lit),
    setPeers: (participants) => canvas.setPeers(participants),
    setOperators: (list) => canvas.setOperators(list),
    setTheme: (name) => canvas.setTheme(name),
    fit: () => canvas.fit(),
    zoomBy: (factor) => canvas.zoomBy(factor),
    zoomTo: (ids) => canvas.zoomTo(ids),
    fold: (deed) => canvas.fold(deed),
    toStartOf: (path) => canvas.toStartOf(path),
    canShow: (graph) => canvas.canShow(graph),
    graphsInSight: () => canvas.graphsInSight(),
    graphAt: (at) => canvas.graphAt(at),
    spotAt: (client) => canvas.spotAt(client),
    unfold: (ids) => canvas.unfold(ids),
    scopesAround: (ids) => canvas.scopesAround(ids),
    reveal: (id) => canvas.reveal(id),
    sees: (ids) => canvas.sees(ids),
    centre: () => canvas.centre(),
    openPalette: (client) => canvas.openPalette(client),
    dropAt: (client, refuses) => canvas.dropAt(client, refuses),
    nudge: (dx, dy) => canvas.nudge(dx, dy),
    walk: (way, extend) => canvas.walk(way, extend),
    panBy: (dx, dy) => canvas.panBy(dx, dy),
    openSelected: () => canvas.openSelected(),
    placeOf: (node) => canvas.placeOf(node),
    writeNote: (client) => canvas.writeNote(client),
    editNote: (note) => canvas.editNote(note),
    expectAt: (place) => canvas.expectAt(place),
    release: () => canvas.release(),
    mapInto: (element) => canvas.mapInto(element),
    tidy: () => canvas.tidy(),
    turn: (direction) => canvas.turn(direction),
    focus: () => canvas.focus(),
    pictures: canvas.pictures,
    openMenu: () => canvas.openMenu(),
    destroy: () => canvas.destroy(),
  }
}

const root = document.getElementById('app')
if (!root) throw new Error('the page has no #app')
showHiddenCharacters()
const pictures = new PictureFirst()
const { page, session } = document.body.dataset
if ((page === 'editor' || page === 'viewer') && session) {
  const layouts = new LayoutWorker()
  void layouts.warm()
  modelPages(root, session, [], themeChoice(), layouts, pictures)
}
else startPage(root, pictures)
