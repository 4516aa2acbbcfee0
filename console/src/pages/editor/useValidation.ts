import { useEffect, useState } from 'react';
import { createDeployment, replaceDeployment } from '../../api/deployments';
import { ApiError, type FieldProblem } from '../../api/errors';
import type { Deployment } from '../../api/types';
import { type EditedDocument, parse } from './document';

export interface Validation {
  state: 'checking' | 'valid' | 'invalid' | 'unreadable' | 'unknown';
  fields: FieldProblem[];
  /** The refusal as a whole. */
  error: unknown;
  /** What the server would store. */
  result?: Deployment;
}

const DEBOUNCE_MILLISECONDS = 350;

const UNCHECKED: Validation = { state: 'checking', fields: [], error: null };

async function ask(name: string | undefined, body: EditedDocument, signal: AbortSignal): Promise<Validation> {
  try {
    const options = { dryRun: true, signal };
    const result = name === undefined ? await createDeployment(body, options) : await replaceDeployment(name, body, undefined, options);
    return { state: 'valid', fields: [], error: null, result };
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return { state: 'invalid', fields: error.fields, error };
    return { state: 'unknown', fields: [], error };
  }
}

/** Checks a text by the server's own rules while it is written. */
export function useValidation(name: string | undefined, text: string): Validation {
  const [validation, setValidation] = useState<Validation>(UNCHECKED);
  useEffect(() => {
    const { document, problems } = parse(text);
    if (document === undefined) {
      setValidation({ state: 'unreadable', fields: [], error: new Error(problems[0]?.message) });
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      setValidation((old) => ({ ...old, state: old.state === 'valid' ? 'valid' : 'checking' }));
      void ask(name, document, abort.signal).then((answer) => {
        if (!abort.signal.aborted) setValidation(answer);
      });
    }, DEBOUNCE_MILLISECONDS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [name, text]);
  return validation;
}
