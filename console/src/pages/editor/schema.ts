import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { Diagnostic } from '@codemirror/lint';
import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { COMMON_KEYS } from './fields';

/** The parts of a JSON schema that the OpenAPI document uses. */
export interface Schema {
  $ref?: string;
  type?: string;
  enum?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
}

export interface SchemaDocument {
  components: { schemas: Record<string, Schema> };
}

function resolve(schemas: SchemaDocument, schema: Schema | undefined): Schema | undefined {
  if (schema?.$ref === undefined) return schema;
  return schemas.components.schemas[schema.$ref.replace('#/components/schemas/', '')];
}

/** What may stand at a path of a deployment. */
export function schemaAt(schemas: SchemaDocument, path: readonly string[]): Schema | undefined {
  let schema = resolve(schemas, { $ref: '#/components/schemas/Deployment' });
  for (const part of path)
    schema = resolve(schemas, schema?.properties?.[part] ?? schema?.additionalProperties ?? schema?.items);
  return schema;
}

/** The path of the map that the line at that indentation belongs to, read from the lines above. */
export function pathAbove(lines: readonly string[], indentation: number): string[] {
  const path: string[] = [];
  let limit = indentation;
  for (let index = lines.length - 1; index >= 0 && limit > 0; index -= 1) {
    const found = /^(\s*)(?:- )?["']?([^\s"':#][^"':]*)["']?:/.exec(lines[index] ?? '');
    if (!found) continue;
    const indent = (found[1] ?? '').length;
    if (indent >= limit) continue;
    path.unshift((found[2] ?? '').trim());
    limit = indent;
  }
  return path;
}

const SERVER_OWNED = ['status'];

function keyOptions(schemas: SchemaDocument, path: string[]): Completion[] {
  const schema = schemaAt(schemas, path);
  if (path.at(-1) === 'flinkConfiguration')
    return Object.entries(COMMON_KEYS).map(([label, example]) => ({ label, apply: `${label}: ${example}`, type: 'property', detail: example }));
  return Object.entries(schema?.properties ?? {})
    .filter(([name]) => path.length > 0 || !SERVER_OWNED.includes(name))
    .map(([label, member]) => {
      const resolved = resolve(schemas, member);
      const nested = resolved?.properties !== undefined || resolved?.additionalProperties !== undefined;
      return { label, apply: nested ? `${label}:` : `${label}: `, type: 'property', detail: resolved?.enum?.join(' | ') ?? resolved?.type };
    });
}

/** Names of fields, and values where they are a closed list. */
export function complete(schemas: SchemaDocument, context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const above = context.state.doc.sliceString(0, line.from).split('\n');
  const value = /^(\s*)(?:- )?["']?([\w.-]+)["']?:\s*(\S*)$/.exec(before);
  if (value) {
    const path = [...pathAbove(above, (value[1] ?? '').length), value[2] ?? ''];
    const schema = schemaAt(schemas, path);
    const values = schema?.enum ?? (schema?.type === 'boolean' ? ['true', 'false'] : undefined);
    if (values === undefined) return null;
    return { from: context.pos - (value[3] ?? '').length, options: values.map((label) => ({ label, type: 'enum' })) };
  }
  const key = /^(\s*)([\w.-]*)$/.exec(before);
  if (!key || (key[2] === '' && !context.explicit)) return null;
  const options = keyOptions(schemas, pathAbove(above, (key[1] ?? '').length));
  return options.length > 0 ? { from: context.pos - (key[2] ?? '').length, options, validFor: /^[\w.-]*$/ } : null;
}

function problem(node: { range?: [number, number, number] | null }, message: string, severity: 'error' | 'warning'): Diagnostic {
  const [from = 0, to = 1] = node.range ?? [];
  return { from, to: Math.max(to, from + 1), message, severity };
}

function checkMap(schemas: SchemaDocument, map: YAMLMap, schema: Schema, found: Diagnostic[]): void {
  if (schema.properties === undefined && schema.additionalProperties === undefined) return;
  for (const { key, value } of map.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    const member = resolve(schemas, schema.properties?.[name] ?? schema.additionalProperties);
    if (member === undefined) {
      found.push(problem(key, `'${name}' is no field here. There are: ${Object.keys(schema.properties ?? {}).join(', ')}.`, 'warning'));
    } else if (isMap(value)) {
      if (member.type === 'object') checkMap(schemas, value, member, found);
      else if (member.type !== undefined) found.push(problem(value, `'${name}' is a ${member.type}, not a map.`, 'error'));
    } else if (isScalar(value) && value.value !== null) {
      if (member.enum && !member.enum.includes(String(value.value)))
        found.push(problem(value, `'${name}' is one of ${member.enum.join(', ')}.`, 'error'));
      else if (member.type === 'object' && (member.properties || member.additionalProperties))
        found.push(problem(value, `'${name}' is a map.`, 'error'));
    } else if (isSeq(value) && member.type !== undefined && member.type !== 'array') {
      found.push(problem(value, `'${name}' is a ${member.type}, not a list.`, 'error'));
    }
  }
}

/** What a text breaks of the schema: unknown fields, values of the wrong kind. */
export function checkSchema(schemas: SchemaDocument, text: string): Diagnostic[] {
  const document = parseDocument(text);
  const schema = schemaAt(schemas, []);
  const found: Diagnostic[] = [];
  if (document.errors.length === 0 && isMap(document.contents) && schema) checkMap(schemas, document.contents as YAMLMap, schema, found);
  return found;
}
