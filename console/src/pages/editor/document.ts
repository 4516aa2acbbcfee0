import { parseDocument, stringify } from 'yaml';
import type { Deployment } from '../../api/types';

/** What a user writes: the request's document, whose members are kept as they are. */
export type EditedDocument = Record<string, unknown>;

const SERVER_ANNOTATIONS = 'com.dataartisans.appmanager.controller.';

function withoutEmpty(map: Record<string, string> | undefined): Record<string, string> | undefined {
  if (map === undefined) return undefined;
  const own = Object.entries(map).filter(([key]) => !key.startsWith(SERVER_ANNOTATIONS));
  return own.length > 0 ? Object.fromEntries(own) : undefined;
}

/** The part of a deployment that its user may change, without what the server fills in. */
export function editable(deployment: Deployment): EditedDocument {
  const { name, displayName, labels, annotations } = deployment.metadata;
  const { deploymentTargetId: _, ...spec } = deployment.spec ?? {};
  const metadata: Record<string, unknown> = { name };
  if (displayName !== undefined && displayName !== name) metadata.displayName = displayName;
  const ownLabels = withoutEmpty(labels);
  if (ownLabels) metadata.labels = ownLabels;
  const ownAnnotations = withoutEmpty(annotations);
  if (ownAnnotations) metadata.annotations = ownAnnotations;
  return { kind: 'Deployment', apiVersion: 'v1', metadata, spec };
}

export interface ParsedDocument {
  document?: EditedDocument;
  problems: { message: string; from: number; to: number }[];
}

/** Reads a user's YAML. Numbers and texts stay what they are written as. */
export function parse(text: string): ParsedDocument {
  const parsed = parseDocument(text, { prettyErrors: false });
  const problems = parsed.errors.map(({ message, pos }) => ({ message, from: pos[0], to: pos[1] }));
  if (problems.length > 0) return { problems };
  const value: unknown = parsed.toJS();
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problems: [{ message: 'A deployment is a map with metadata and spec.', from: 0, to: text.length }] };
  return { document: value as EditedDocument, problems };
}

/**
 * Writes one value into a user's YAML and leaves everything else as it stands: comments, order,
 * quotes. Without a value the entry goes, and maps that become empty with it.
 */
export function write(text: string, path: readonly (string | number)[], value: unknown): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return text;
  if (value === undefined || value === '') {
    if (document.hasIn(path)) document.deleteIn(path);
    for (let depth = path.length - 1; depth > 0; depth -= 1) {
      const parent = path.slice(0, depth);
      const node = document.getIn(parent);
      const empty = typeof node === 'object' && node !== null && 'items' in node && (node.items as unknown[]).length === 0;
      if (!empty) break;
      document.deleteIn(parent);
    }
  } else {
    // A scalar between, or nothing at all, gives way to a map.
    for (let depth = 1; depth < path.length; depth += 1) {
      const node = document.getIn(path.slice(0, depth));
      if (typeof node !== 'object' || node === null) document.setIn(path.slice(0, depth), document.createNode({}));
    }
    document.setIn(path, document.createNode(value));
  }
  return document.toString({ lineWidth: 0 });
}

export function toYaml(document: EditedDocument): string {
  return stringify(document, { lineWidth: 0 });
}

/** Where the value at a path stands in the text, to mark it. */
export function placeOf(text: string, path: string): { from: number; to: number } {
  const document = parseDocument(text);
  const parts = path.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const node = document.getIn(parts.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return { from: node.range[0], to: Math.max(node.range[0] + 1, node.range[1]) };
  }
  return { from: 0, to: Math.min(1, text.length) };
}

export const TEMPLATE: EditedDocument = {
  kind: 'Deployment',
  apiVersion: 'v1',
  metadata: { name: '' },
  spec: { state: 'CANCELLED', template: { spec: { artifact: { kind: 'JAR', jarUri: '' } } } },
};
