import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionSource } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, defaultHighlightStyle, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, forceLinting, linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { oneDarkHighlightStyle } from '@codemirror/theme-one-dark';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { styleNonce } from '../app/style-nonce';
import { useDark } from '../app/theme';

/** Colours and sizes of every editor in the console. */
export function editorLook(dark: boolean): Extension {
  return [
    EditorView.theme(
      {
        '&': { fontSize: '13px', backgroundColor: 'var(--surface)', color: 'var(--text)', height: '100%' },
        '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
        '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
        '.cm-content': { caretColor: 'var(--text)' },
        '.cm-gutters': { backgroundColor: 'var(--surface-raised)', color: 'var(--text-soft)', borderRight: '1px solid var(--line)' },
        '.cm-activeLine': { backgroundColor: 'var(--hover)' },
        '.cm-tooltip': { backgroundColor: 'var(--surface-raised)', border: '1px solid var(--line)', color: 'var(--text)' },
        '.cm-panels': { backgroundColor: 'var(--surface-raised)', color: 'var(--text)' },
      },
      { dark },
    ),
    syntaxHighlighting(dark ? oneDarkHighlightStyle : defaultHighlightStyle),
    styleNonce ? EditorView.cspNonce.of(styleNonce) : [],
  ];
}

interface Props {
  value: string;
  label: string;
  readOnly?: boolean;
  onChange?: (value: string) => void;
  /** Problems to show, computed again after each change. */
  lint?: (text: string) => Diagnostic[] | Promise<Diagnostic[]>;
  /** The problems are computed again when this changes, too. */
  lintAgainOn?: unknown;
  complete?: CompletionSource;
}

function behaviour(readOnly: boolean, label: string): Extension {
  return [
    lineNumbers(),
    foldGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    search(),
    yaml(),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false)] : highlightActiveLine(),
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...lintKeymap,
      indentWithTab,
    ]),
  ];
}

/** CodeMirror for one YAML document. */
export function YamlEditor({ value, label, readOnly = false, onChange, lint, lintAgainOn, complete }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const look = useRef(new Compartment());
  const dark = useDark();
  const latest = useRef({ onChange, lint, complete });
  latest.current = { onChange, lint, complete };

  useEffect(() => {
    if (host.current === null) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          behaviour(readOnly, label),
          look.current.of(editorLook(dark)),
          readOnly ? [] : lintGutter(),
          readOnly
            ? []
            : linter((at) => latest.current.lint?.(at.state.doc.toString()) ?? [], { delay: 500 }),
          autocompletion({ override: [(context) => latest.current.complete?.(context) ?? null] }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
    // Later values are written into the living editor below.
  }, [readOnly, label]);

  useEffect(() => {
    view.current?.dispatch({ effects: look.current.reconfigure(editorLook(dark)) });
  }, [dark]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    if (view.current !== null && !readOnly) forceLinting(view.current);
  }, [lintAgainOn, readOnly]);

  return <div ref={host} className="yaml-editor" />;
}
