import { CompletionContext } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import openapi from '../../api/openapi.json';
import { checkSchema, complete, pathAbove, type SchemaDocument } from './schema';

const schemas = openapi as unknown as SchemaDocument;

function completionsAt(text: string, explicit = true): string[] {
  const state = EditorState.create({ doc: text });
  return (complete(schemas, new CompletionContext(state, text.length, explicit))?.options ?? []).map(({ label }) => label);
}

it('finds the path of a line by indentation', () => {
  expect(pathAbove(['spec:', '  template:', '    spec:', '      parallelism: 1'], 6)).toEqual(['spec', 'template', 'spec']);
  expect(pathAbove(['spec:', '  state: RUNNING'], 2)).toEqual(['spec']);
  expect(pathAbove(['spec:', '  state: RUNNING'], 0)).toEqual([]);
});

describe('completion', () => {
  it('offers the fields of the map', () => {
    expect(completionsAt('spec:\n  ')).toEqual(expect.arrayContaining(['state', 'template', 'upgradeStrategy']));
    expect(completionsAt('spec:\n  template:\n    spec:\n      ')).toContain('parallelism');
    expect(completionsAt('')).not.toContain('status');
  });
  it('offers the values of a closed list', () => {
    expect(completionsAt('spec:\n  state: ')).toEqual(['RUNNING', 'SUSPENDED', 'CANCELLED']);
    expect(completionsAt('spec:\n  upgradeStrategy:\n    kind: ST')).toContain('STATELESS');
  });
  it("offers Flink's common keys in its configuration", () => {
    expect(completionsAt('spec:\n  template:\n    spec:\n      flinkConfiguration:\n        ')).toContain('state.savepoints.dir');
  });
  it('stays away until something is typed', () => {
    expect(completionsAt('spec:\n  ', false)).toEqual([]);
  });
});

describe('the check', () => {
  const problems = (text: string) => checkSchema(schemas, text).map(({ message }) => message);
  it('finds unknown fields and wrong kinds', () => {
    expect(problems('spec:\n  stat: RUNNING\n')[0]).toContain("'stat' is no field here");
    expect(problems('spec:\n  state: RUN\n')[0]).toContain('RUNNING, SUSPENDED, CANCELLED');
    expect(problems('spec: 3\n')[0]).toContain('is a map');
    expect(problems('spec:\n  template:\n    spec:\n      parallelism: {a: 1}\n')[0]).toContain('not a map');
  });
  it('lets through what is right, and what has no schema', () => {
    expect(problems('metadata:\n  labels: {a: b}\nspec:\n  state: RUNNING\n  template:\n    spec:\n      flinkConfiguration: {any.key: 1}\n')).toEqual([]);
  });
});
